import { Checklist } from '../../src/demo/checklist.ts';
import { INSTITUTIONS, type InstitutionName } from '../../src/demo/data/institutions.ts';
import { momentOf } from '../../src/demo/data/moment.ts';
import { Answer, type FhirClient } from '../../src/demo/fhir-client.ts';
import { findsNothing, whoSees } from '../../src/demo/sight.ts';
import type { Institution, Stage } from '../../src/demo/stage.ts';

type Responder = (path: string) => { status: number; body: object; headers?: Record<string, string> };

const notFound = { status: 404, body: { resourceType: 'OperationOutcome', issue: [{ code: 'not-found' }] } };
const searchset = (total: number) => ({
  status: 200,
  body: {
    resourceType: 'Bundle',
    type: 'searchset',
    total,
    ...(total > 0 && { entry: [{ resource: { resourceType: 'Patient', id: 'p' } }] }),
  },
});
const seeing: Responder = (path) =>
  path.includes('?')
    ? searchset(1)
    : path === 'Patient/p'
      ? { status: 200, body: { resourceType: 'Patient' } }
      : notFound;
const blind: Responder = (path) => (path.includes('?') ? searchset(0) : notFound);
const unknown: Responder = () => ({ status: 401, body: { resourceType: 'OperationOutcome' } });

function client(respond: Responder): FhirClient {
  const get = async (path: string) => {
    const { status, body, headers } = respond(path);
    const fresh = { 'x-request-id': String(Math.random()), ...headers };
    return new Answer(`GET ${path}`, status, new Headers(fresh), JSON.stringify(body));
  };
  return { get, post: get, put: get, remove: get, search: (type, parameters) => get(`${type}?${parameters}`) };
}

function stageWith(responders: Partial<Record<InstitutionName | 'nobody', Responder>>, lines: string[] = []) {
  const institution = (name: InstitutionName): Institution => ({
    name,
    title: name,
    organization: `Organization/${name}`,
    fhir: client(responders[name] ?? blind),
  });
  const institutions = Object.fromEntries(INSTITUTIONS.map((name) => [name, institution(name)]));
  const checks = new Checklist((line) => lines.push(line));
  const stage = {
    moment: momentOf(new Date('2026-11-23T03:00:00Z')),
    checks,
    nobody: client(responders.nobody ?? unknown),
    props: { institutions },
  } as unknown as Stage;
  return { stage, checks, lines, institution };
}

const thing = { label: 'Patient', reference: 'Patient/p', seenBy: ['hospital'] } as const;

describe('who sees what', () => {
  it('is right where the hospital sees it, others see nothing and nobody is asked for a token', async () => {
    const { stage, checks, lines } = stageWith({ hospital: seeing });
    await whoSees(stage, [thing]);
    expect([checks.kept, checks.broken]).toEqual([1, 0]);
    expect(lines.some((line) => /Patient +● +– +– +– +– +401$/.test(line))).toBe(true);
  });

  const leaks: [string, Responder][] = [
    ['the read', seeing],
    ['a 404 with another body', (path) => (path === 'Patient/p' ? { ...notFound, body: { hint: 1 } } : blind(path))],
    [
      'a 404 with another header',
      (path) => (path === 'Patient/p' ? { ...notFound, headers: { etag: 'W/"1"' } } : blind(path)),
    ],
    ['403 for what is there', (path) => (path === 'Patient/p' ? { ...notFound, status: 403 } : blind(path))],
    ['an accurate total', (path) => (path.includes('accurate') ? searchset(1) : blind(path))],
    ['a count', (path) => (path.includes('count') ? searchset(1) : blind(path))],
  ];
  it.each(leaks)('finds a leak by %s', async (_, leak) => {
    const { stage, checks } = stageWith({ hospital: seeing, clinic2: leak });
    await whoSees(stage, [thing]);
    expect(checks.broken).toBe(1);
  });

  it('finds what somebody should see and does not', async () => {
    const { stage, checks } = stageWith({});
    await whoSees(stage, [thing]);
    expect(checks.broken).toBe(1);
  });

  it('finds what is served without a token', async () => {
    const { stage, checks } = stageWith({ hospital: seeing, nobody: seeing });
    await whoSees(stage, [thing]);
    expect(checks.broken).toBe(1);
  });

  it('takes a type that is closed to the institution altogether for nothing seen', async () => {
    const closed: Responder = () => ({ ...notFound, status: 403 });
    const { stage, checks } = stageWith({ hospital: seeing, careagency: closed });
    await whoSees(stage, [thing]);
    expect(checks.broken).toBe(0);
  });
});

describe('an outsider', () => {
  const number = { system: 'urn:s', value: '1' };

  it('finds nothing where nothing answers', async () => {
    const { stage, checks, institution } = stageWith({});
    await findsNothing(stage, institution('clinic2'), 'Patient/p', number);
    expect([checks.kept, checks.broken]).toEqual([4, 0]);
  });

  it.each(['_has:', 'patient.identifier=', '_revinclude', '$timeline', '_history'])(
    'is caught with %s',
    async (way) => {
      const leak: Responder = (path) => (path.includes(way) && /Patient\/p|\?/.test(path) ? searchset(1) : blind(path));
      const { stage, checks, institution } = stageWith({ clinic2: leak });
      await findsNothing(stage, institution('clinic2'), 'Patient/p', number);
      expect(checks.broken).toBe(1);
    },
  );
});
