import type { Operation } from '../../fhir/engine.ts';
import { type StandingEvent, standingEvents } from '../../store/standing-history.ts';
import { instant, institutionOf, KEEPERS, type Part, parameters } from './asked.ts';
import { personOf } from './suspend.ts';

const MOST = 500;

/** `$standing`: whether somebody is shut out now, and all that was done about it – who, when and why. The latest first. */
export const standingOperations: readonly Operation[] = (['Organization', 'Practitioner'] as const).map((type) => ({
  name: 'standing',
  types: [type],
  level: 'instance',
  methods: ['GET'],
  kinds: [],
  roles: KEEPERS,
  permission: 'r',
  documentation: `Whether the ${type === 'Organization' ? 'institution' : 'person'} is suspended, and the history: who, when, why. Out: suspended, since, event.`,
  run: async (request) => {
    const { engine, access } = request;
    const one = type === 'Organization' ? await institutionOf(request) : await personOf(request);
    const subject = 'rid' in one ? { institution: one.rid } : { institution: one.institution, person: one.id };
    const events = await standingEvents(access, engine.database, { ...subject, limit: MOST });
    return {
      status: 200,
      body: parameters([
        ['suspended', one.suspendedAt !== null],
        ['since', instant(one.suspendedAt)],
        ...events.map((event): Part => ['event', partsOf(event)]),
      ]),
    };
  },
}));

function partsOf(event: StandingEvent): readonly Part[] {
  const reference = (type: string, id: string | null, display?: string | null) =>
    id === null ? null : { reference: `${type}/${id}`, ...(display && { display }) };
  return [
    ['at', new Date(event.at)],
    ['act', event.act],
    ['reason', event.reason],
    ['text', event.words],
    ['reporter', event.reporter],
    ['practitioner', reference('Practitioner', event.practitionerId)],
    ['client', event.client],
    ['terminal', event.terminal],
    ['byOrganization', reference('Organization', event.byOrganizationId)],
    ['byClient', event.byClient],
    ['byPractitioner', reference('Practitioner', event.byPractitionerId, event.byPersonName)],
  ];
}
