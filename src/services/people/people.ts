import { auditOfAct } from '../../fhir/audit.ts';
import type { Operation, OperationRequest } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { foldedLogin, type People } from '../../identity/people/index.ts';
import { listPeople } from '../../store/person-rights.ts';
import { ADMINISTRATION, institutionOf, NOT_STORED, noSystem } from './administration.ts';
import { personParameters } from './person.ts';

const PAGE = 200;
const LARGEST = 1000;

/** `Organization/[id]/$people`: the accounts of an institution, by their logins. */
export const peopleOperation = (people: People): Operation => ({
  ...ADMINISTRATION,
  name: 'people',
  types: ['Organization'],
  methods: ['GET'],
  permission: 'r',
  documentation:
    'Lists the institution’s people with roles, standing, last login, second factors and when their roles are to be reviewed. In: due (true: only those whose review is due), _count, after (a login). Out: person (repeated), next (the link that goes on).',
  run: async (request) => {
    noSystem(request, 'people');
    const { engine, access } = request;
    const institution = await institutionOf(request, engine.database);
    const { due, count, after } = read(request);
    const now = engine.now();
    const before = due ? now - people.policy.rightsReview : null;
    const rows = await listPeople(access, engine.database, institution.rid, { after, limit: count + 1, due: before });
    const shown = rows.slice(0, count);
    await engine.audits.add([
      auditOfAct(access, now, 'operation', {
        outcome: 0,
        type: 'Organization',
        resource: institution.rid,
        resourceId: institution.id,
        detail: `$people: ${shown.length}`,
      }),
    ]);
    const query = new URLSearchParams({
      ...(due && { due: 'true' }),
      _count: String(count),
      after: shown.at(-1)?.login ?? '',
    });
    const link = `${engine.baseUrl}/fhir/Organization/${institution.id}/$people?${query}`;
    const parameter = [
      ...shown.map((row) => ({ name: 'person', part: personParameters(row, people.policy) })),
      ...(rows.length > count ? [{ name: 'next', valueUrl: link }] : []),
    ];
    return {
      status: 200,
      headers: NOT_STORED,
      body: { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) },
    };
  },
});

function read({ query }: OperationRequest): { due: boolean; count: number; after: string } {
  const given = (name: string) => query.find(([key]) => key === name)?.[1];
  const due = given('due') ?? 'false';
  if (due !== 'true' && due !== 'false') throw refuse.badRequest('due must be true or false', undefined, 'value');
  const count = given('_count') ?? String(PAGE);
  if (!/^[1-9]\d{0,3}$/.test(count))
    throw refuse.badRequest('_count must be a whole number from 1 on', undefined, 'value');
  const after = given('after') ?? '';
  if (after !== '' && foldedLogin(after) === undefined)
    throw refuse.badRequest('after must be a login', undefined, 'value');
  return { due: due === 'true', count: Math.min(Number(count), LARGEST), after: foldedLogin(after) ?? '' };
}
