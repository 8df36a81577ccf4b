import type { DocumentReference, Observation } from '@medplum/fhirtypes';
import { ago, jst } from './calendar.ts';
import type { Moment } from './moment.ts';
import { PROFILE, SYSTEM } from './systems.ts';

export interface VisitReferences {
  readonly patient: string;
  readonly nurse: string;
  readonly agency: string;
}

/** The blood pressure that the visiting nurse measures at the patient's home. */
export function homeBloodPressure({ now }: Moment, { patient, nurse, agency }: VisitReferences): Observation {
  const pressure = (code: string, text: string, value: number) => ({
    code: { coding: [{ system: SYSTEM.loinc, code }], text },
    valueQuantity: { value, unit: 'mmHg', system: SYSTEM.ucum, code: 'mm[Hg]' },
  });
  return {
    resourceType: 'Observation',
    meta: { profile: [PROFILE.observation] },
    status: 'final',
    category: [{ coding: [{ system: SYSTEM.observationCategory, code: 'vital-signs' }] }],
    code: { coding: [{ system: SYSTEM.loinc, code: '85354-9' }], text: '血圧' },
    subject: { reference: patient },
    effectiveDateTime: jst(ago(now, { minutes: 50 })),
    performer: [{ reference: nurse }, { reference: agency }],
    component: [pressure('8480-6', '収縮期血圧', 152), pressure('8462-4', '拡張期血圧', 84)],
  };
}

/** The nurse's note of the visit. */
export const VISIT_NOTE =
  '訪問時、室内をつたい歩き。食欲は普段どおり。血圧がやや高めのため、次回訪問まで1日2回の家庭血圧の記録を依頼した。';

export function visitNote({ now }: Moment, { patient, nurse, agency }: VisitReferences): DocumentReference {
  const text = Buffer.from(VISIT_NOTE, 'utf8');
  return {
    resourceType: 'DocumentReference',
    status: 'current',
    docStatus: 'final',
    type: { coding: [{ system: SYSTEM.documentCodes, code: '47045-0', display: '報告書' }], text: '訪問看護記録' },
    subject: { reference: patient },
    date: jst(ago(now, { minutes: 20 })),
    author: [{ reference: nurse }, { reference: agency }],
    custodian: { reference: agency },
    content: [
      {
        attachment: {
          contentType: 'text/plain; charset=utf-8',
          language: 'ja',
          data: text.toString('base64'),
          size: text.length,
          title: '訪問看護記録',
        },
      },
    ],
  };
}
