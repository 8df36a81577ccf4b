import type { Bundle, BundleEntry, HealthcareService, Location, Schedule, Slot } from '@medplum/fhirtypes';
import { byIdentifier, creation, transaction, urn } from './bundles.ts';
import { jst, jstAt } from './calendar.ts';
import { SYSTEM } from './systems.ts';

export type Modality = 'CT' | 'MR';

interface ExaminationRoom {
  readonly title: string;
  readonly room: string;
  readonly minutes: number;
  /** First starts of the runs of consecutive frames in a day, with the end of each run, on the clock of Tokyo. */
  readonly hours: readonly (readonly [from: string, to: string])[];
}

export const ROOMS: Readonly<Record<Modality, ExaminationRoom>> = {
  CT: {
    title: 'CT検査',
    room: 'CT室',
    minutes: 30,
    hours: [
      ['09:00', '12:00'],
      ['13:00', '16:30'],
    ],
  },
  MR: {
    title: 'MRI検査',
    room: 'MRI室',
    minutes: 60,
    hours: [
      ['09:00', '12:00'],
      ['13:00', '16:00'],
    ],
  },
};

export const catalogueIdentifier = (value: string) => ({ system: SYSTEM.catalogue, value });
const modalityCoding = (modality: Modality) => [{ system: SYSTEM.dicom, code: modality }];
const serviceType = (modality: Modality) => [{ coding: modalityCoding(modality), text: ROOMS[modality].title }];

/** Start and end of each examination frame of a day. */
export function frames(modality: Modality, day: string): { readonly start: Date; readonly end: Date }[] {
  const { hours, minutes } = ROOMS[modality];
  return hours.flatMap(([from, to]) => {
    const first = jstAt(day, from).getTime();
    const count = Math.floor((jstAt(day, to).getTime() - first) / (minutes * 60_000));
    return Array.from({ length: count }, (_, i) => ({
      start: new Date(first + i * minutes * 60_000),
      end: new Date(first + (i + 1) * minutes * 60_000),
    }));
  });
}

/**
 * What the hospital offers in one modality: HealthcareService, Location, Schedule and the free Slots of the given days. Every entry is
 * a conditional create, so that publishing the same days again adds nothing.
 */
export function catalogue(modality: Modality, hospital: string, days: readonly string[]): Bundle {
  const { title, room } = ROOMS[modality];
  const refs = {
    service: urn(`service ${modality}`),
    room: urn(`room ${modality}`),
    schedule: urn(`schedule ${modality}`),
  };
  const location: Location = {
    resourceType: 'Location',
    identifier: [catalogueIdentifier(`room-${modality}`)],
    status: 'active',
    mode: 'instance',
    name: room,
    managingOrganization: { reference: hospital },
  };
  const service: HealthcareService = {
    resourceType: 'HealthcareService',
    identifier: [catalogueIdentifier(`service-${modality}`)],
    active: true,
    providedBy: { reference: hospital },
    type: serviceType(modality),
    location: [{ reference: refs.room }],
    name: title,
    comment: '連携医療機関からのオンライン予約を受け付けます。',
    appointmentRequired: true,
  };
  const schedule: Schedule = {
    resourceType: 'Schedule',
    identifier: [catalogueIdentifier(`schedule-${modality}`)],
    active: true,
    serviceType: serviceType(modality),
    actor: [
      { reference: refs.service, display: title },
      { reference: refs.room, display: room },
    ],
    comment: `${room}の検査枠`,
  };
  const slots = days
    .flatMap((day) => frames(modality, day))
    .map(({ start, end }) => freeSlot(modality, refs.schedule, start, end));
  return transaction([
    published(refs.room, location),
    published(refs.service, service),
    published(refs.schedule, schedule),
    ...slots.map((slot) => published(urn(slot.identifier![0]!.value!), slot)),
  ]);
}

function published(fullUrl: string, resource: Location | HealthcareService | Schedule | Slot): BundleEntry {
  return creation(fullUrl, resource, byIdentifier(resource.identifier![0] as { system: string; value: string }));
}

function freeSlot(modality: Modality, schedule: string, start: Date, end: Date): Slot {
  return {
    resourceType: 'Slot',
    identifier: [catalogueIdentifier(`slot-${modality}-${start.toISOString()}`)],
    serviceType: serviceType(modality),
    schedule: { reference: schedule },
    status: 'free',
    start: jst(start),
    end: jst(end),
  };
}
