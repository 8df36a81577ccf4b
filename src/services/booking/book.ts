import { bundle } from '../../fhir/bundle.ts';
import { commit } from '../../fhir/commit.ts';
import type { Operation, Resource } from '../../fhir/engine.ts';
import { parameter } from '../../fhir/parameters.ts';
import { permitType } from '../../fhir/permit.ts';
import { refuse } from '../../http/errors.ts';

/**
 * `Appointment/$book` (IHE ITI Scheduling, ITI-116): takes an Appointment, alone or as the parameter `appt-resource`, whose slots are
 * free, and answers 201 with a searchset of the booked Appointment.
 */
export const bookOperation: Operation = {
  name: 'book',
  types: ['Appointment'],
  level: 'type',
  methods: ['POST'],
  kinds: [],
  roles: ['physician', 'nurse', 'technologist', 'pharmacist', 'coordinator', 'care-manager', 'clerk'],
  permission: 'c',
  documentation:
    'Books the slots that an Appointment names. In: appt-resource, or the Appointment itself. Out: a Bundle with it; 409 when a slot is taken.',
  run: async ({ engine, access, body, decimals }) => {
    permitType(access, 'Appointment', 'create');
    const asked =
      body?.resourceType === 'Appointment'
        ? body
        : (parameter(body, 'appt-resource')?.resource as Resource | undefined);
    if (asked?.resourceType !== 'Appointment') {
      throw refuse.badRequest(
        '$book takes an Appointment, or Parameters with one in appt-resource',
        "Parameters.parameter('appt-resource')",
        'required',
      );
    }
    if (!Array.isArray(asked.slot) || asked.slot.length === 0)
      throw refuse.unprocessable('A booking names the slots it takes', 'Appointment.slot', 'required');
    const { id: _, ...appointment } = asked;
    const [booked] = await commit(engine, access, [
      {
        interaction: 'create',
        type: 'Appointment',
        resource: { ...appointment, status: 'booked' } as Resource,
        decimals,
      },
    ]);
    if (!booked?.content) throw refuse.internal(new Error('a booking without content'));
    const location = `${engine.baseUrl}/fhir/Appointment/${booked.id}`;
    const answer = bundle({
      type: 'searchset',
      timestamp: booked.at,
      total: 1,
      entry: [{ fullUrl: location, search: { mode: 'match' }, resource: booked.content }],
    });
    return { status: 201, body: answer, headers: { Location: `${location}/_history/${booked.version}` } };
  },
};
