import type { NoticeRow, NoticesOfPages } from '../identity/pages/index.ts';
import { asksOfPages, type PagesOptions } from './asks-of-pages.ts';
import type { Json } from './engine.ts';

/** What people are told, for the page on which they read it: `$notices` and `$mark-read` under the person's own rights. */
export function noticesForPages(options: PagesOptions): NoticesOfPages {
  const ask = asksOfPages(options, 'user/Communication.ru');
  return {
    async list(session, after, most) {
      const asked: [string, string][] = [
        ['limit', String(most)],
        ...(after === null ? [] : [['after', after] as [string, string]]),
      ];
      const found = await ask(session, 'GET', ['$notices'], asked);
      if (!found) return null;
      const rows = ((found.entry ?? []) as readonly Entry[]).map(rowOf);
      return { rows, next: found.link === undefined ? null : (rows.at(-1)?.id ?? null) };
    },
    async markRead(session, id) {
      if (!/^[A-Za-z0-9.-]{1,64}$/.test(id)) return false;
      const marked = await ask(session, 'POST', ['$mark-read'], [['notice', `Communication/${id}`]]);
      return marked?.parameter !== undefined;
    },
  };
}

interface Entry {
  readonly resource: Json;
  readonly extension?: readonly { readonly valueInstant?: string }[];
}
interface Translated {
  readonly extension?: readonly {
    readonly extension?: readonly { readonly url?: string; readonly valueString?: string }[];
  }[];
}
interface Payload {
  readonly contentString?: string;
  readonly _contentString?: Translated;
}
interface Concept {
  readonly text?: string;
  readonly _text?: Translated;
  readonly coding?: readonly { readonly system?: string; readonly code?: string }[];
}
interface Effect {
  readonly valuePeriod?: { readonly start?: string; readonly end?: string };
  readonly valueBoolean?: boolean;
}

const english = (one: Translated | undefined): string | null =>
  one?.extension?.[0]?.extension?.find(({ url }) => url === 'content')?.valueString ?? null;
const time = (text: string | undefined): number | null => (text === undefined ? null : Date.parse(text));

/** What the service tells an institution of its contract, or of who is shut out, has a code system of its own for each. */
function kindOf(category: Concept | undefined): string {
  const [{ system = '', code = '' } = {}] = category?.coding ?? [];
  return /\/(contract|standing)-notice$/.exec(system)?.[1] ?? code;
}

/** Messages about the contract carry both languages in one: `受付 / Received`. */
function titleOf(topic: Concept | undefined, kind: string): NoticeRow['title'] {
  if (topic?.text === undefined) return null;
  if (kind !== 'contract') return { ja: topic.text, en: english(topic._text) };
  const [ja = '', en = null] = topic.text.split(' / ');
  return { ja, en };
}

/** A notice carries English as a translation of its Japanese; a message of the service on contract or standing, as its second payload. */
function rowOf({ resource, extension: marks }: Entry): NoticeRow {
  const [first, second] = (resource.payload ?? []) as readonly Payload[];
  const topic = resource.topic as Concept | undefined;
  const [category] = (resource.category ?? []) as readonly Concept[];
  const kind = kindOf(category);
  const effects = (resource.extension ?? []) as readonly Effect[];
  const period = effects.find(({ valuePeriod }) => valuePeriod)?.valuePeriod;
  const [note] = (resource.note ?? []) as readonly { readonly text?: string }[];
  const { statusReason } = resource as { statusReason?: Concept };
  return {
    id: String(resource.id),
    kind,
    title: titleOf(topic, kind),
    body: { ja: first?.contentString ?? '', en: english(first?._contentString) ?? second?.contentString ?? null },
    sent: Date.parse(String(resource.sent)),
    starts: time(period?.start),
    ends: time(period?.end),
    stops: effects.some(({ valueBoolean }) => valueBoolean === true),
    withdrawn: resource.status === 'stopped' ? (statusReason?.text ?? '') : null,
    note: note?.text ?? null,
    read: time(marks?.[0]?.valueInstant),
  };
}
