import fc from 'fast-check';
import { inputOf, neededFor, recordOf, sha256 } from '../../../src/services/signature/evidence.ts';
import { comparable, isNamed, namesOf } from '../../../src/services/signature/names.ts';
import { rolesOf } from '../../../src/services/signature/role.ts';
import { due, RENEW_BEFORE } from '../../../src/services/signature/schedule.ts';
import { saysSame } from '../../../src/services/signature/show.ts';
import type { Result, Verdict, VerificationInput } from '../../../src/services/signature/verdict.ts';
import type { LetterRow } from '../../../src/store/letter.ts';
import { believe } from './stage.ts';

const bytes = fc.uint8Array({ minLength: 1, maxLength: 20 });
const list = fc.array(bytes, { maxLength: 4 });
const input: fc.Arbitrary<VerificationInput> = fc.record({
  submitted: bytes,
  issued: fc.option(bytes, { nil: undefined }),
  trust: fc.record({
    anchors: list,
    intermediates: list,
    timestampAnchors: list,
    timestampIntermediates: list,
    crls: list,
    policies: fc.array(fc.constantFrom('1.2', '1.3')),
    refusedPolicies: fc.constant(['1.4']),
  }),
  roles: fc.constant(['Medical Doctor']),
  now: fc.integer({ min: 0, max: 4e12 }),
});

describe('what is kept of a verification', () => {
  it('gives the input back, through JSON and whatever the order', () => {
    fc.assert(
      fc.property(input, (one) => {
        const { record, items } = recordOf(one, believe(one));
        const files = [one.submitted, ...(one.issued ? [one.issued] : [])].map((file) => [sha256(file), file] as const);
        const kept = new Map([...items, ...files]);
        expect(neededFor(record).every((digest) => kept.has(digest))).toBe(true);
        const back = inputOf(JSON.parse(JSON.stringify(record)), kept);
        expect(back).toEqual({ ...one, issued: one.issued });
      }),
      { numRuns: 50 },
    );
  });

  it('gives nothing back where anything of it is missing', () => {
    fc.assert(
      fc.property(input, fc.nat(), (one, pick) => {
        const { record, items } = recordOf(one, believe(one));
        const kept = new Map([...items, [sha256(one.submitted), one.submitted]]);
        if (one.issued) kept.set(sha256(one.issued), one.issued);
        const needed = neededFor(record);
        kept.delete(needed[pick % needed.length] as string);
        expect(inputOf(record, kept)).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  it('is the same only to the last fact', () => {
    const one = believe({
      submitted: Buffer.from('x'),
      issued: Buffer.from('x'),
      roles: [],
      now: 0,
      trust: {} as never,
    });
    expect(saysSame(one, JSON.parse(JSON.stringify(one)))).toBe(true);
    const [first, ...rest] = one.checks as [Verdict['checks'][number], ...Verdict['checks'][number][]];
    for (const change of [{ code: 'X' }, { status: 'noted' as const }, { detail: 'y' }, { evidence: { a: '2' } }])
      expect(saysSame(one, { ...one, checks: [{ ...first, ...change }, ...rest] })).toBe(false);
    expect(saysSame(one, { ...one, result: 'VALID' })).toBe(false);
    expect(saysSame(one, { ...one, checks: rest })).toBe(false);
  });
});

describe('names', () => {
  it.each([
    ['髙﨑 春香', '高崎春香'],
    ['桜井　春香', '桜井 春香'],
    ['ｻｸﾗｲ ﾊﾙｶ', 'サクライ・ハルカ'],
    ['SAKURAI Haruka', 'sakurai haruka'],
  ])('%s is %s', (one, other) => expect(comparable(one)).toBe(comparable(other)));

  it.each([
    ['さくら', 'サクラ'],
    ['バンドウ', 'ハントウ'],
    ['桜井 春香', '桜井 春子'],
    ['', '桜井'],
  ])('%s is not %s', (one, other) => expect(comparable(one)).not.toBe(comparable(other)));

  const person = {
    resourceType: 'Practitioner',
    name: [{ family: '髙﨑', given: ['春香'] }, { text: 'TAKASAKI Haruka' }, { given: [null] }, {}],
  };
  it('are those of a person in either order, and none is nobody’s', () => {
    expect(namesOf(person)).toEqual(['髙﨑 春香', 'TAKASAKI Haruka']);
    for (const name of ['高崎春香', 'Haruka TAKASAKI', '春香 高崎']) expect(isNamed(person, name)).toBe(true);
    for (const name of ['', ' ', '高崎', '高崎 春子']) expect(isNamed(person, name)).toBe(false);
    expect(isNamed({ resourceType: 'Practitioner' }, '')).toBe(false);
    expect(isNamed({ resourceType: 'Practitioner', name: [{ text: '　' }] }, ' ')).toBe(false);
  });
});

describe('roles that may sign', () => {
  const roles = { medical: ['Medical Doctor'], dental: ['Medical Doctor', 'Dentist'] };
  const system = 'http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no';
  const of = (...numbers: unknown[]) =>
    rolesOf(roles, { resourceType: 'Organization', identifier: numbers.map((value) => ({ system, value })) });

  it('are the dental ones where the institution’s number says so, and so alone', () => {
    expect(of('1439900001')).toBe(roles.dental);
    expect(of('1419900001')).toBe(roles.medical);
    for (const numbers of [[], ['143990000'], ['1439900001', '1439900002'], [3], ['9039900001']])
      expect(of(...numbers)).toBe(roles.medical);
    expect(rolesOf(roles, undefined)).toBe(roles.medical);
    const other = [{ system: 'http://x', value: '1439900001' }];
    expect(rolesOf(roles, { resourceType: 'Organization', identifier: other })).toBe(roles.medical);
  });
});

describe('what is due', () => {
  const [hour, day] = [3_600_000, 86_400_000];
  const now = Date.parse('2026-06-01T00:00:00Z');
  const row = (more: Partial<LetterRow> = {}) =>
    ({ preserved: false, createdAt: now, issuedAt: now, ...more }) as LetterRow;
  const verdict = (result: Result, more: Partial<Verdict> = {}) =>
    ({ result, checks: [], ...more }) as unknown as Verdict;

  it('is nothing of what is refused', () =>
    expect(due(row(), verdict('INVALID', { recheckAfter: now }), now)).toEqual({ recheckAt: null, renewAt: null }));

  it('is to ask again of what is open, ever rarer, for a month', () => {
    const at = (age: number) => due(row({ issuedAt: now - age }), verdict('INDETERMINATE'), now).recheckAt;
    expect([0, 8 * hour, 20 * day, 31 * day].map(at)).toEqual([now + hour, now + 2 * hour, now + day, null]);
  });

  it('is the next list of what is valid, and soon where that is late', () => {
    const at = (recheckAfter: number) => due(row(), verdict('VALID', { recheckAfter }), now).recheckAt;
    expect([at(now + 5), at(now - 5)]).toEqual([now + 5, now + hour]);
  });

  it('is to preserve what nothing more can be said of, then to renew it in time', () => {
    const renewBefore = now + 400 * day;
    expect(due(row(), verdict('VALID', { renewBefore }), now)).toEqual({ recheckAt: now, renewAt: null });
    const preserved = row({ preserved: true });
    const renewAt = renewBefore - RENEW_BEFORE;
    expect(due(preserved, verdict('VALID', { renewBefore }), now)).toEqual({ recheckAt: null, renewAt });
    const pending = verdict('VALID', { renewBefore, recheckAfter: now + hour });
    expect(due(preserved, pending, now)).toEqual({ recheckAt: now + hour, renewAt });
  });
});
