import type { Appointment, Parameters, ServiceRequest } from '@medplum/fhirtypes';
import { jst } from './calendar.ts';
import type { Moment } from './moment.ts';
import { PROFILE, SYSTEM } from './systems.ts';

export interface OrderReferences {
  readonly patient: string;
  readonly requester: string;
  readonly performer: string;
  /** The safety questions and the referral letter. */
  readonly supportingInfo?: readonly string[];
}

/** The order of a contrast CT of the chest, from the requesting institution to the performing one. */
export function contrastCtOrder(moment: Moment, refs: OrderReferences, number: string): ServiceRequest {
  return {
    resourceType: 'ServiceRequest',
    meta: { profile: [PROFILE.serviceRequest] },
    identifier: [{ system: SYSTEM.order, value: number }],
    status: 'active',
    intent: 'order',
    category: [{ coding: [{ system: SYSTEM.loinc, code: 'LP29684-5', display: '放射線' }] }],
    priority: 'routine',
    code: { coding: [{ system: SYSTEM.dicom, code: 'CT', display: 'Computed Tomography' }], text: '胸部造影CT' },
    orderDetail: [{ text: '造影あり' }, { text: '読影を依頼する' }],
    bodySite: [{ text: '胸部' }],
    subject: { reference: refs.patient },
    authoredOn: jst(moment.now),
    requester: { reference: refs.requester },
    performer: [{ reference: refs.performer }],
    reasonCode: [{ text: '胸部X線写真で右上肺野に結節影を認めたため' }],
    ...(refs.supportingInfo && { supportingInfo: refs.supportingInfo.map((reference) => ({ reference })) }),
  };
}

export interface AppointmentReferences {
  readonly slot: string;
  readonly start: string;
  readonly end: string;
  readonly order: string;
  readonly patient: string;
  readonly service: string;
}

/** The Appointment that a clinic proposes with `$book` (IHE ITI Scheduling): start and end are those of the slot. */
export function proposedAppointment(moment: Moment, refs: AppointmentReferences): Appointment {
  return {
    resourceType: 'Appointment',
    status: 'proposed',
    serviceType: [{ coding: [{ system: SYSTEM.dicom, code: 'CT' }], text: 'CT検査' }],
    description: '胸部造影CT',
    start: refs.start,
    end: refs.end,
    slot: [{ reference: refs.slot }],
    created: jst(moment.now),
    comment: '検査当日の朝食は控えるよう説明済み',
    basedOn: [{ reference: refs.order }],
    participant: [
      { actor: { reference: refs.patient }, required: 'required', status: 'accepted' },
      { actor: { reference: refs.service }, required: 'required', status: 'needs-action' },
    ],
  };
}

/** The input of `Appointment/$book`. */
export function bookParameters(appointment: Appointment): Parameters {
  return { resourceType: 'Parameters', parameter: [{ name: 'appt-resource', resource: appointment }] };
}
