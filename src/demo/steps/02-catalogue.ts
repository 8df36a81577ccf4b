import type { Bundle, BundleEntry, Slot } from '@medplum/fhirtypes';
import { businessDays } from '../data/calendar.ts';
import { catalogue, type Modality, ROOMS } from '../data/schedule.ts';
import { type Answer, createdReferences, resourcesIn } from '../fhir-client.ts';
import { total, whoSees } from '../sight.ts';
import { type Institution, need, type Stage, type Step } from '../stage.ts';

/** Free frames that the story needs in the CT; more days are published until there are so many. */
const ENOUGH = 8;
const DAYS_AT_ONCE = 3;
const DAYS_AT_MOST = 60;

/** The hospital publishes what it offers: HealthcareService, Location, Schedule and free Slots for CT and MRI. */
export const publishing: Step = {
  japanese: '検査枠を公開する',
  english: 'the hospital publishes CT and MRI with their free slots',
  async play(stage) {
    const { hospital } = need(stage, 'institutions');
    const ct = await publish(stage, hospital, 'CT');
    await publish(stage, hospital, 'MR');
    stage.props.catalogue = { service: ct.service, schedule: ct.schedule };
    const medical = ['hospital', 'clinic', 'clinic2'] as const;
    await whoSees(stage, [
      { label: 'CT HealthcareService', reference: ct.service, seenBy: [...medical, 'careagency'] },
      { label: 'CT Schedule', reference: ct.schedule, seenBy: medical },
      { label: 'CT Slot', reference: ct.slot, seenBy: medical },
    ]);
  },
};

interface Published {
  readonly service: string;
  readonly schedule: string;
  readonly slot: string;
}

async function publish({ checks, moment }: Stage, hospital: Institution, modality: Modality): Promise<Published> {
  for (let days = DAYS_AT_ONCE; ; days += DAYS_AT_ONCE) {
    const request = catalogue(modality, hospital.organization, businessDays(moment.now, days));
    const answer = await hospital.fhir.post('', request);
    checks.must(hospital, `publishes ${ROOMS[modality].title} for ${days} working days`, answer.ok, answer);
    const [, service, schedule, slot] = createdReferences(answer) as [string, string, string, string];
    const free = await freeSlots(hospital, schedule, moment.now);
    if (total(free) >= ENOUGH || days >= DAYS_AT_MOST) {
      const [first] = resourcesIn<Slot>(free, 'Slot');
      const claim = `has ${total(free)} free frames of ${ROOMS[modality].minutes} minutes from ${first?.start} on (${created(request, answer)})`;
      checks.must(hospital, claim, total(free) > 0, free);
      return { service, schedule, slot };
    }
  }
}

/** Free slots that are still to come, soonest first. */
export function freeSlots({ fhir }: Institution, schedule: string, now: Date): Promise<Answer> {
  const from = encodeURIComponent(now.toISOString());
  return fhir.get(`Slot?schedule=${schedule}&status=free&start=gt${from}&_sort=start&_count=20&_total=accurate`);
}

function created(request: Bundle, answer: Answer): string {
  const entries: BundleEntry[] = answer.as<Bundle>('Bundle').entry ?? [];
  const fresh = entries.filter(({ response }) => response?.status?.startsWith('201')).length;
  return `${fresh} of ${request.entry?.length ?? 0} resources are new`;
}
