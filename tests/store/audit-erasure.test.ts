import { type AuditRow, actRow, insertAudit } from '../../src/store/audit.ts';
import { commitmentTo } from '../../src/store/audit-encoding.ts';
import { ERASE, eraseAuditDetails } from '../../src/store/audit-erasure.ts';
import { Chain, full, NOON, SYSTEM } from '../audit/chain.ts';

let chain: Chain;
beforeEach(async () => {
  chain = await Chain.open();
});
afterEach(() => chain.close());

const [CLINIC, HOSPITAL] = [101n, 102n];
const [OWN_PATIENT, HOSPITAL_PATIENT] = [201n, 202n];
const [OWN, IN_TIMELINE, OTHERS, DELETED] = [301n, 302n, 303n, 304n];

/** What the clinic owns and what not; `rid`, owner, home. */
const resources = async () => {
  const rows: [bigint, bigint, bigint | null, boolean][] = [
    [OWN_PATIENT, CLINIC, CLINIC, false],
    [HOSPITAL_PATIENT, HOSPITAL, HOSPITAL, false],
    [OWN, CLINIC, null, false],
    [IN_TIMELINE, CLINIC, HOSPITAL, false],
    [OTHERS, HOSPITAL, HOSPITAL, false],
    [DELETED, CLINIC, CLINIC, true],
    [CLINIC, CLINIC, null, false],
  ];
  for (const [rid, owner, home, deleted] of rows)
    await chain.tamper(
      `INSERT INTO resource (rid, owner, home, updated, version, class, deleted, sealed, type, id, keys)
       VALUES ($1::bigint, $2::bigint, $3::bigint, 0, 1, 'c', $4::boolean, false, 'X', $1::text, '{}')`,
      [rid, owner, home, deleted],
    );
};

const read = (more: Partial<AuditRow>): AuditRow =>
  full(NOON, { interaction: 'read', detail: null, organization: HOSPITAL, patient: null, resource: OTHERS, ...more });
const query = (more: Partial<AuditRow>): AuditRow =>
  full(NOON, { organization: HOSPITAL, patient: null, resource: null, resourceId: null, version: null, ...more });

/** Name → row, and whether it is to be blanked. */
const ROWS: Readonly<Record<string, [AuditRow, boolean]>> = {
  'about its resource': [read({ resource: OWN }), true],
  'about its deleted resource': [read({ resource: DELETED }), true],
  'about its patient': [read({ patient: OWN_PATIENT }), true],
  'about its entry in the timeline of a hospital': [read({ resource: IN_TIMELINE, patient: HOSPITAL_PATIENT }), false],
  'about another’s resource': [read({ organization: CLINIC, patient: HOSPITAL_PATIENT }), false],
  'about itself': [read({ resource: CLINIC, resourceId: 'clinic' }), false],
  'its query': [query({ organization: CLINIC, patient: HOSPITAL_PATIENT }), true],
  'a query of another that found its patient': [query({ patient: OWN_PATIENT, request: 'r1' }), true],
  'the same query, for another patient': [query({ patient: HOSPITAL_PATIENT, request: 'r1' }), true],
  'a query of another': [query({ patient: HOSPITAL_PATIENT, request: 'r2' }), false],
  'a log-in of its people': [actRow(NOON, 'log-in', { outcome: 0, organization: CLINIC }), false],
  'what was blanked before': [
    actRow(NOON, ERASE, { outcome: 0, organization: CLINIC, resource: OWN, detail: '0 rows, sum 0' }),
    false,
  ],
};

async function erase(look?: number): Promise<number> {
  let [after, erased]: [bigint | null, number] = [null, 0];
  for (;;) {
    const step = await chain.database.transaction((transaction) =>
      eraseAuditDetails(SYSTEM, transaction, {
        institution: CLINIC,
        after,
        at: NOON,
        ...(look !== undefined && { look }),
        by: { outcome: 0, organization: HOSPITAL },
      }),
    );
    erased += step.erased;
    after = step.after;
    if (after === null) return erased;
  }
}

const stored = async () =>
  (
    await chain.database.query<Record<string, unknown> & { id: string }>(
      `SELECT id::text, resource_id, request, detail, salt::text, commitment, erased_by::text, interaction FROM audit`,
    )
  ).rows;

describe('what may name the people of an erased institution', () => {
  it.each([1, 3, undefined])('is blanked, and nothing else, looking at %p rows at a time', async (look) => {
    await resources();
    // Rows of one query are of one transaction.
    const byRequest = Map.groupBy(Object.values(ROWS), ([{ request }]) => request);
    for (const rows of byRequest.values())
      await insertAudit(
        SYSTEM,
        chain.database,
        rows.map(([row]) => row),
      );
    const before = new Map((await stored()).map((row) => [row.id, row]));
    expect(await erase(look)).toBe(Object.values(ROWS).filter(([, blanked]) => blanked).length);
    const after = new Map((await stored()).map((row) => [row.id, row]));
    for (const [name, [{ id }, blanked]] of Object.entries(ROWS)) {
      const was = before.get(id);
      const is = after.get(id);
      if (!blanked) expect([name, is]).toEqual([name, was]);
      else {
        const none = { resource_id: null, request: null, detail: null, salt: null };
        expect([name, is]).toEqual([name, expect.objectContaining({ ...none, erased_by: expect.any(String) })]);
        const all = { resourceId: was?.resource_id, request: was?.request, detail: was?.detail };
        expect(is?.commitment).toEqual(commitmentTo(was?.salt as string, all as never));
        expect(after.get(is?.erased_by as string)).toMatchObject({
          interaction: ERASE,
          detail: expect.stringMatching(/^\d+ rows, sum [0-9a-f]{64}$/),
        });
      }
    }
    expect(await erase(look)).toBe(0);
  });

  it('is blanked before and after it is sealed, and the chain verifies', async () => {
    await resources();
    const [sealed, open] = [Object.values(ROWS).slice(0, 7), Object.values(ROWS).slice(7)].map((half) =>
      half.map(([row]) => row).filter(({ interaction }) => interaction !== ERASE),
    );
    await chain.add(sealed as AuditRow[]);
    await chain.seal(NOON);
    await chain.add(open as AuditRow[]);
    expect(await chain.verify()).toMatchObject({ ok: true, erased: 0 });
    const erased = await erase(2);
    expect(await chain.verify()).toMatchObject({ ok: true, erased });
    await chain.seal(NOON);
    expect(await chain.verify()).toMatchObject({ ok: true, erased, unsealed: 0 });
  });

  it('that is blanked by anybody else is missed', async () => {
    await resources();
    await chain.add(
      Object.values(ROWS)
        .map(([row]) => row)
        .filter(({ interaction }) => interaction !== ERASE),
    );
    await erase();
    await chain.seal(NOON);
    const [one] = (await stored()).filter(({ erased_by }) => erased_by === null);
    const { rows } = await chain.database.query<{ erased_by: string }>(
      'SELECT erased_by::text FROM audit WHERE erased_by IS NOT NULL',
    );
    // Under the name of an erasure that there was …
    const id = ROWS['a query of another']?.[0].id;
    const blank = `UPDATE audit SET resource_id = NULL, request = NULL, detail = NULL, salt = NULL, commitment = $2::bytea, erased_by = $3::uuid WHERE id = $1::uuid`;
    const was = (await stored()).find((row) => row.id === id);
    const proof = commitmentTo(was?.salt as string, {
      resourceId: null,
      request: was?.request as string,
      detail: was?.detail as string,
    });
    await chain.tamper(blank, [id, proof, rows[0]?.erased_by]);
    expect(await chain.found()).toBe('erasure-unproved');
    // … and under that of none.
    await chain.tamper(blank, [id, proof, one?.id]);
    expect(await chain.found()).toBe('erasure-unproved');
  });

  it('stays as it was where the transaction fails', async () => {
    await resources();
    await chain.add(Object.values(ROWS).map(([row]) => row));
    const before = await stored();
    const failing = chain.database.transaction(async (transaction) => {
      await eraseAuditDetails(SYSTEM, transaction, { institution: CLINIC, after: null, at: NOON });
      throw new Error('power failure');
    });
    await expect(failing).rejects.toThrow('power failure');
    expect(await stored()).toEqual(before);
  });

  it('is not found by any search of the audit', async () => {
    await resources();
    const secret = 'name=消去太郎';
    await chain.add([query({ organization: CLINIC, detail: secret }), read({ resource: OWN, resourceId: '消去太郎' })]);
    await erase();
    expect(JSON.stringify(await stored())).not.toContain('消去太郎');
  });
});

it('needs the Access of the system', async () => {
  const asked = { institution: CLINIC, after: null, at: NOON };
  await expect(eraseAuditDetails(undefined as never, chain.database, asked)).rejects.toThrow('Access of the system');
});
