import { SERVICES } from '../../src/access/access.ts';
import { ask, CLINIC, openWorld, type World } from './world.ts';

let world: World;
let process: World['process'];
let clinic: World['clinic'];

beforeAll(async () => {
  world = await openWorld();
  ({ process, clinic } = world);
});

afterAll(() => world.close());

describe('scopes', () => {
  it.each([
    ['system/*.cruds', 'system/Appointment.cruds system/Patient.rs'],
    ['system/*.rs', 'system/Appointment.rs system/Patient.rs'],
    ['system/Patient.cruds', 'system/Patient.rs'],
    ['system/Patient.read', 'system/Patient.rs'],
    ['system/Patient.r system/Observation.rs', 'system/Patient.r'],
    ['system/Patient.r system/Patient.s', 'system/Patient.rs'],
    ['system/Patient.rs?category=x', 'system/Patient.rs?category=x'],
  ])('%s asked for gives %s, as far as the client is registered', async (scope, granted) => {
    const { status, body } = await ask(process, clinic, { scope });
    expect([status, body.scope]).toEqual([200, granted]);
  });

  it('are those that the contract allows today, and not when the client was registered', async () => {
    const services = (sum: number) =>
      world.database.query('UPDATE institution SET services = $2 WHERE rid = $1', [CLINIC.rid, sum]);
    await services(SERVICES.timeline);
    const some = await ask(process, clinic, { scope: 'system/Appointment.rs system/Patient.rs' });
    expect([some.status, some.body.scope]).toEqual([200, 'system/Patient.rs']);
    const none = await ask(process, clinic, { scope: 'system/Appointment.rs' });
    expect([none.status, none.body.error]).toEqual([400, 'invalid_scope']);
    await services(63);
    expect((await ask(process, clinic, { scope: 'system/Appointment.rs' })).body.scope).toBe('system/Appointment.rs');
  });

  it.each([
    ['', 'scope is required'],
    [undefined, 'scope is required'],
    ['system/Patient.dus', 'not a SMART system scope: system/Patient.dus'],
    ['system:Patient.read', 'not a SMART system scope: system:Patient.read'],
    ['system/Patient.rs system/Patient.sr', 'not a SMART system scope: system/Patient.sr'],
    ['system/Observation.rs?subject.name=x', 'not a search on Observation: subject.name=x'],
    ['system/*.rs?category=laboratory', 'not a SMART system scope: system/*.rs?category=laboratory'],
    ['system/Patient.rs system/Observation.rs?_filter=x', 'not a search on Observation: _filter=x'],
    ['user/Patient.rs', 'not a SMART system scope: user/Patient.rs'],
    ['system/Unheard.rs', 'not a SMART system scope: system/Unheard.rs'],
    ['openid', 'not a SMART system scope: openid'],
    [' system/Patient.rs', 'scope contains invalid characters'],
    ['system/Patient.rs  system/Patient.c', 'scope contains invalid characters'],
    ['system/Patient.rs\n', 'scope contains invalid characters'],
    ['system/"Patient".rs', 'scope contains invalid characters'],
    ['system/Observation.rs', 'the client is registered for none of these scopes'],
    ['system/Patient.cud', 'the client is registered for none of these scopes'],
  ])('%j is invalid_scope', async (scope, description) => {
    const issued = process.issued.length;
    const { status, body } = await ask(process, clinic, { scope });
    expect(body).toEqual({ error: 'invalid_scope', error_description: description });
    expect(status).toBe(400);
    expect(process.issued).toHaveLength(issued);
  });
});
