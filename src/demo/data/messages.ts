import type { Communication } from '@medplum/fhirtypes';
import { ago, jst, type Span } from './calendar.ts';
import type { Moment } from './moment.ts';

export interface MessageReferences {
  /** Organizations. */
  readonly sender: string;
  readonly recipient: string;
  readonly patient: string;
  /** The message that this one answers. */
  readonly answers?: string;
}

/** One message between two institutions about a patient. */
export function message({ now }: Moment, refs: MessageReferences, text: string, sent: Span): Communication {
  return {
    resourceType: 'Communication',
    status: 'completed',
    ...(refs.answers && { inResponseTo: [{ reference: refs.answers }] }),
    subject: { reference: refs.patient },
    sent: jst(ago(now, sent)),
    recipient: [{ reference: refs.recipient }],
    sender: { reference: refs.sender },
    payload: [{ contentString: text }],
  };
}
