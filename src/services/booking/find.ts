import { type Access, SERVICES } from '../../access/access.ts';
import { auditOfSearch } from '../../fhir/audit.ts';
import { bundle } from '../../fhir/bundle.ts';
import type { Operation, OperationRequest, Resource } from '../../fhir/engine.ts';
import { parameter } from '../../fhir/parameters.ts';
import { permitScope, permitType } from '../../fhir/permit.ts';
import { plan } from '../../fhir/plan.ts';
import { refuse } from '../../http/errors.ts';
import { search } from '../../store/search.ts';
import { CATEGORY_SYSTEM, SUBSCRIBED } from './subscription.ts';

/** Parameters of $find and the Slot searches that they are. */
const CRITERIA: Readonly<Record<string, string>> = {
  schedule: 'schedule',
  'service-type': 'service-type',
  specialty: 'specialty',
  actor: 'schedule.actor',
};
const MOST = 100;

/** Outpatient visits and nutrition guidance are not offered to who may not book them. */
const NOT_OFFERED = SUBSCRIBED.map((code) => `${CATEGORY_SYSTEM}|${code}`).join(',');
const mayBook = ({ caller }: Access) => !caller || ((caller.services ?? 0) & SERVICES['outpatient-booking']) !== 0;

/**
 * `Appointment/$find` (IHE ITI Scheduling, ITI-115): free slots between start and end as proposed Appointments, earliest first, at most
 * a hundred. One of them, with its participants completed, is what $book takes.
 */
export const findOperation: Operation = {
  name: 'find',
  types: ['Appointment'],
  level: 'type',
  methods: ['GET', 'POST'],
  kinds: [],
  permission: 's',
  documentation:
    'Free slots as proposed Appointments. In: start, end (dateTime or date), schedule, actor, service-type, specialty. Out: a searchset of Appointments.',
  run: async (request) => {
    const { engine, access } = request;
    permitType(access, 'Slot', 'search');
    permitScope(access, 'Slot', 's');
    const asked = read(request);
    const [start, end] = [asked.get('start'), asked.get('end')];
    if (!start || !end)
      throw refuse.badRequest('$find needs start and end', "Parameters.parameter('start')", 'required');
    const criteria = Object.entries(CRITERIA).flatMap(([name, search]) =>
      asked.has(name) ? [[search, asked.get(name) as string] as const] : [],
    );
    const query = [
      ['status', 'free'],
      ['start', `ge${start}`],
      ['start', `le${end}`],
      ...criteria,
      ...(mayBook(access) ? [] : [['service-category:not', NOT_OFFERED] as const]),
      ['_sort', 'start'],
      ['_count', String(MOST)],
    ] as const;
    const { rows } = await search(access, engine.database, plan(engine, access, 'Slot', query, false).plan);
    await engine.audits.add(auditOfSearch(access, engine.now(), 'operation', 'Appointment', '$find', rows));
    const entry = rows.map((row) => ({
      search: { mode: 'match' as const },
      resource: proposed(JSON.parse(String(row.content)) as Resource),
    }));
    return { status: 200, body: bundle({ type: 'searchset', timestamp: engine.now(), total: rows.length, entry }) };
  },
};

function read({ body, query }: OperationRequest): Map<string, string> {
  const asked = new Map(query);
  for (const name of ['start', 'end', ...Object.keys(CRITERIA)]) {
    const given = parameter(body, name);
    const reference = (given?.valueReference as { reference?: unknown } | undefined)?.reference;
    const value = given?.valueDateTime ?? given?.valueDate ?? given?.valueString ?? given?.valueUri ?? reference;
    if (typeof value === 'string') asked.set(name, value);
  }
  const unknown = [...asked.keys()].find(
    (name) => !['start', 'end', '_format', ...Object.keys(CRITERIA)].includes(name),
  );
  if (unknown !== undefined)
    throw refuse.badRequest(
      `$find takes start, end, ${Object.keys(CRITERIA).join(', ')}, not ${unknown.slice(0, 64)}`,
      undefined,
      'not-supported',
    );
  return asked;
}

function proposed(slot: Resource): object {
  const { serviceCategory, serviceType, specialty, appointmentType, start, end, schedule } = slot;
  return {
    resourceType: 'Appointment',
    status: 'proposed',
    ...(serviceCategory !== undefined && { serviceCategory }),
    ...(serviceType !== undefined && { serviceType }),
    ...(specialty !== undefined && { specialty }),
    ...(appointmentType !== undefined && { appointmentType }),
    start,
    end,
    slot: [{ reference: `Slot/${slot.id}` }],
    participant: [
      {
        type: [{ text: String((schedule as { display?: string } | undefined)?.display ?? '検査枠') }],
        status: 'needs-action',
      },
    ],
  };
}
