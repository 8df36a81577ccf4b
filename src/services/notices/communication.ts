import type { Resource } from '../../fhir/engine.ts';
import type { Announcement } from '../../store/notice.ts';
import { kindOf, NOTICE_SYSTEM } from './kinds.ts';

const OURS = 'https://tasuki.example/fhir/StructureDefinition';
/** When what it announces takes effect, as a Period. */
export const EFFECTIVE = `${OURS}/notice-effective`;
/** That the service does not answer in that period. */
export const STOPS = `${OURS}/notice-stops-service`;
const TRANSLATION = 'http://hl7.org/fhir/StructureDefinition/translation';

export type Sender = { readonly reference: string } | { readonly display: string };

/** What became of a notice, in words that its readers read. */
export interface Why {
  readonly withdrawn?: string | undefined;
  /** Why this version is other than the one before. */
  readonly note?: string | undefined;
}

/**
 * A notice as a FHIR Communication. It does not say to whom it was sent: that another institution got it, or is there at all, is nobody's
 * business in a closed network.
 */
export function communicationOf(one: Announcement, sender: Sender, { withdrawn, note }: Why = {}): Resource {
  const kind = kindOf(one.kind);
  return {
    resourceType: 'Communication',
    language: 'ja',
    extension: [
      ...(one.starts === null && one.ends === null
        ? []
        : [{ url: EFFECTIVE, valuePeriod: { ...bound('start', one.starts), ...bound('end', one.ends) } }]),
      ...(one.stops ? [{ url: STOPS, valueBoolean: true }] : []),
    ],
    status: withdrawn === undefined ? 'completed' : 'stopped',
    ...(withdrawn !== undefined && { statusReason: { text: withdrawn } }),
    category: [{ coding: [{ system: NOTICE_SYSTEM, code: one.kind, display: kind?.en }], text: kind?.ja }],
    priority: kind?.urgent ? 'urgent' : 'routine',
    topic: { text: one.title, ...translated('_text', one.titleEn) },
    sent: iso(one.published),
    sender,
    payload: [{ contentString: one.body, ...translated('_contentString', one.bodyEn) }],
    ...(note !== undefined && { note: [{ text: note }] }),
  };
}

const iso = (at: number) => new Date(at).toISOString();
const bound = (name: string, at: number | null) => (at === null ? {} : { [name]: iso(at) });

const translated = (name: string, text: string | null) =>
  text === null
    ? {}
    : {
        [name]: {
          extension: [
            {
              url: TRANSLATION,
              extension: [
                { url: 'lang', valueCode: 'en' },
                { url: 'content', valueString: text },
              ],
            },
          ],
        },
      };

/** FHIR has no empty lists. */
export const withoutEmpty = (resource: Resource): Resource =>
  Object.fromEntries(
    Object.entries(resource).filter(([, value]) => !Array.isArray(value) || value.length > 0),
  ) as Resource;
