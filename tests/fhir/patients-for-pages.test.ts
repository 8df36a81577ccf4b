import type { Caller, Person } from '../../src/access/access.ts';
import type { PersonRole } from '../../src/access/roles.ts';
import { patientsForPages } from '../../src/fhir/patients-for-pages.ts';
import type { PatientSought } from '../../src/identity/pages/index.ts';
import { parseScopes } from '../../src/identity/scope.ts';
import { Stage } from '../services/signature/stage.ts';
import type { Member } from '../support/network.ts';

let stage: Stage;
let tanaka: string;
let elsewhere: string;
const OID = 'urn:oid:1.2.392.100495.20.3.51.11310000001';
const REPRESENTATION = 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation';

const name = (family: string, given: string, code: string) => ({
  extension: [{ url: REPRESENTATION, valueCode: code }],
  family,
  given: [given],
});

beforeAll(async () => {
  stage = await Stage.open();
  const { hospital, hospital2 } = stage;
  ({ id: tanaka } = await hospital.create({
    resourceType: 'Patient',
    name: [name('田中', '一郎', 'IDE'), name('タナカ', 'イチロウ', 'SYL')],
    gender: 'male',
    birthDate: '1951-03-12',
    identifier: [{ system: OID, value: 'A|1,2\\3$' }],
  }));
  await hospital.create({ resourceType: 'Patient', name: [{ text: '田中 花' }], birthDate: '1951-03' });
  await hospital.create({ resourceType: 'Patient', name: [name('スズキ', 'ジロウ', 'SYL')] });
  await hospital.create({ resourceType: 'Patient', identifier: [{ system: OID, value: '77' }] });
  ({ id: elsewhere } = await hospital2.create({ resourceType: 'Patient', name: [{ text: '田中 一郎' }] }));
});
afterAll(() => stage.close());

const callerOf = (member: Member, roles: readonly PersonRole[]): Caller => {
  const id = member.organization.split('/')[1] as string;
  const rid = stage.server.engine.keys.rid('Organization', id);
  const person: Person = {
    id: '00000000-0000-4000-8000-000000000001',
    name: '佐藤 花子',
    practitioner: null,
    practitionerId: null,
    roles,
    strong: true,
    authenticatedAt: 0,
    session: null,
  };
  return {
    organization: rid,
    organizationId: id,
    kind: 'cooperating-hospital',
    clientId: 'tasuki-pages',
    scopes: parseScopes('user/Patient.rs') ?? [],
    networks: [rid],
    medical: [rid],
    care: [rid],
    timeline: [rid],
    services: 63,
    person,
    purpose: 'TREAT',
    requestId: 'test',
  };
};

const asked: string[] = [];
const patientsOf = (caller: Caller | null) =>
  patientsForPages({
    engine: stage.server.engine,
    callerOf: async (_session, { scope }) => {
      asked.push(scope);
      return caller;
    },
    maxDepth: 64,
    report: (error) => {
      throw error;
    },
  });
const session = {} as never;
const sought = (change: Partial<PatientSought>): PatientSought => ({
  name: '',
  birthDate: '',
  identifier: '',
  ...change,
});
const byPhysician = () => patientsOf(callerOf(stage.hospital, ['physician']));
const names = async (change: Partial<PatientSought>) =>
  (await byPhysician().search(session, sought(change), 20))?.rows.map((row) => row.name).sort();

describe('patients whom a person may choose', () => {
  it('are shown by name, kana, sex, date of birth and number', async () => {
    const row = {
      id: tanaka,
      name: '田中 一郎',
      kana: 'タナカ イチロウ',
      sex: 'male',
      birthDate: '1951-03-12',
      number: 'A|1,2\\3$',
    };
    expect(await byPhysician().search(session, sought({ name: 'イチロウ' }), 20)).toEqual({ rows: [row], more: false });
    expect(await byPhysician().find(session, tanaka)).toEqual(row);
  });

  it('are found by any part of their names, all of which must match', async () => {
    expect(await names({ name: '田中' })).toEqual(['田中 一郎', '田中 花']);
    expect(await names({ name: '田中 一郎' })).toEqual(['田中 一郎']);
    expect(await names({ name: '田中　一郎' })).toEqual(['田中 一郎']);
    expect(await names({ name: 'タナカ イチロウ' })).toEqual(['田中 一郎']);
    expect(await names({ name: '田中 次郎' })).toEqual([]);
  });

  it('are found by date of birth, also where only the month is known, and by number as it is written', async () => {
    expect(await names({ birthDate: '1951-03-12' })).toContain('田中 一郎');
    expect(await names({ birthDate: '1951-03-13' })).not.toContain('田中 一郎');
    expect(await names({ identifier: 'A|1,2\\3$' })).toEqual(['田中 一郎']);
    expect(await names({ identifier: 'A' })).toEqual([]);
  });

  it('have kana for a name where there is no other, and may have no name', async () => {
    expect(await names({ name: 'スズキ' })).toEqual(['スズキ ジロウ']);
    expect(await byPhysician().search(session, sought({ identifier: '77' }), 20)).toMatchObject({
      rows: [{ name: '', kana: '', sex: '', birthDate: '', number: '77' }],
    });
  });

  it('are as many as can be looked through', async () => {
    expect(await byPhysician().search(session, sought({ name: '田中' }), 1)).toMatchObject({ rows: [{}], more: true });
    expect(await byPhysician().search(session, sought({ name: '田中' }), 2)).toMatchObject({ more: false });
  });

  it('are those whom the institution sees, and no others', async () => {
    expect(await byPhysician().find(session, elsewhere)).toBeNull();
    const there = patientsOf(callerOf(stage.hospital2, ['physician']));
    expect((await there.search(session, sought({ name: '田中' }), 20))?.rows.map(({ id }) => id)).toEqual([elsewhere]);
    expect(await there.find(session, tanaka)).toBeNull();
  });

  it('are none for roles that see no patients, and for a session that is over', async () => {
    for (const patients of [patientsOf(callerOf(stage.hospital, ['administrator'])), patientsOf(null)]) {
      expect(await patients.search(session, sought({ name: '田中' }), 20)).toBeNull();
      expect(await patients.find(session, tanaka)).toBeNull();
    }
  });

  it.each(['', '..', '../Patient', '$everything', 'a/b', '_history', 'x'.repeat(65), '田中', 'a\u0000b'])(
    'are none at the id %j',
    async (id) => {
      expect(await byPhysician().find(session, id)).toBeNull();
    },
  );

  it.each([
    { name: '%_*"\'' },
    { name: '\\' },
    { name: ',' },
    { name: 'a '.repeat(50) },
    { identifier: '|' },
    { identifier: ',' },
  ])('are sought by any text: %j', async (change) => {
    expect((await byPhysician().search(session, sought(change), 20))?.rows).toEqual([]);
  });

  it('are looked at under the scope that this needs, and each look is in the audit', async () => {
    asked.length = 0;
    await byPhysician().find(session, tanaka);
    expect(asked).toEqual(['user/Patient.rs']);
    const { rows } = await stage.server.database.query<{ person: string }>(
      `SELECT person::text FROM audit WHERE client = 'tasuki-pages' AND interaction = 'read'`,
    );
    expect(new Set(rows.map(({ person }) => person))).toEqual(new Set(['00000000-0000-4000-8000-000000000001']));
  });
});
