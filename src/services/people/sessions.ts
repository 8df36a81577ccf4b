import type { Operation, OperationRequest } from '../../fhir/engine.ts';
import { parameter } from '../../fhir/parameters.ts';
import { refuse } from '../../http/errors.ts';
import type { People } from '../../identity/people/index.ts';
import { endOfflineGrants } from '../../store/authorization.ts';
import type { Queryable } from '../../store/database.ts';
import { lockAdministered, type PersonRow } from '../../store/person-rights.ts';
import { deleteSessions } from '../../store/session.ts';
import { audit, instant, NOT_STORED, noSystem } from './administration.ts';

const OF_A_PERSON = { types: ['Practitioner'], level: 'instance', kinds: [], permission: 'r' } as const;

/** `Practitioner/[id]/$sessions`: where a person is logged in, for the person and the institution's administrators. */
export const sessionsOperation = (people: People): Operation => ({
  ...OF_A_PERSON,
  name: 'sessions',
  methods: ['GET'],
  documentation:
    'Lists where the person is logged in. Out: session (repeated; parts: id, began, lastUsed, address, device, strong, current).',
  run: async (request) => {
    noSystem(request, 'sessions');
    const { person } = await whose(request, request.engine.database);
    const sessions = await people.sessions(person);
    const own = request.access.caller?.person?.session;
    const session = sessions.map(({ id, createdAt, seenAt, address, agent, strong }) => ({
      name: 'session',
      part: [
        { name: 'id', valueString: id },
        { name: 'began', valueDateTime: instant(createdAt) },
        { name: 'lastUsed', valueDateTime: instant(seenAt) },
        { name: 'address', valueString: address },
        ...(agent === '' ? [] : [{ name: 'device', valueString: agent }]),
        { name: 'strong', valueBoolean: strong },
        { name: 'current', valueBoolean: id === own },
      ],
    }));
    return {
      status: 200,
      headers: NOT_STORED,
      body: { resourceType: 'Parameters', ...(session.length > 0 && { parameter: session }) },
    };
  },
});

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** `Practitioner/[id]/$end-session`: ends one session or all; tokens that belong to it are dead from the commit on. */
export const endSessionOperation: Operation = {
  ...OF_A_PERSON,
  name: 'end-session',
  methods: ['POST'],
  permission: 'u',
  documentation:
    'Ends a session of the person, or all of them and with them what apps may do without one. In: session (its id; absent: all). Out: ended (how many).',
  run: async (request) => {
    noSystem(request, 'end-session');
    const { engine, access, body } = request;
    const only = parameter(body, 'session') === undefined ? null : parameter(body, 'session')?.valueString;
    if (only !== null && (typeof only !== 'string' || !UUID.test(only)))
      throw refuse.badRequest('session must be the id of a session', "Parameters.parameter('session')", 'value');
    const ended = await engine.database.transaction(
      async (tx) => {
        const { person, row } = await whose(request, tx);
        const count = await deleteSessions(access, tx, person, { only });
        if (only === null) await endOfflineGrants(tx, person);
        if (only !== null && count === 0) throw refuse.notFound();
        await audit(request, tx, 'session-ended', row, only === null ? `all ${count} sessions` : 'one session');
        return count;
      },
      { isolation: 'read committed' },
    );
    const out = [{ name: 'ended', valueInteger: ended }];
    return { status: 200, body: { resourceType: 'Parameters', parameter: out } };
  },
};

/** The person whose sessions they are: the caller, or one of an institution that the caller looks after. Else 404. */
async function whose(
  { engine, access, id }: OperationRequest,
  tx: Queryable,
): Promise<{ readonly person: string; readonly row: Pick<PersonRow, 'practitioner' | 'practitioner_id'> }> {
  const rid = engine.keys.rid('Practitioner', id as string);
  const self = access.caller?.person;
  if (self && self.practitioner === rid && self.practitionerId === id)
    return { person: self.id, row: { practitioner: rid, practitioner_id: self.practitionerId } };
  const row = await lockAdministered(access, tx, rid);
  if (!row || row.practitioner_id !== id) throw refuse.notFound();
  return { person: row.id, row };
}
