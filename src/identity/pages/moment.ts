import type { Visit } from './visit.ts';

/** To make one takes longer than a hundred uses. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** A time as people read it, in the zone of the service: `2026年11月23日 14:05`, `23 November 2026 at 14:05`. */
export function moment({ language, parts }: Pick<Visit, 'language' | 'parts'>, at: number): string {
  const key = `${language} ${parts.zone}`;
  const format =
    formats.get(key) ??
    new Intl.DateTimeFormat(language === 'ja' ? 'ja-JP' : 'en-GB', {
      dateStyle: 'long',
      timeStyle: 'short',
      timeZone: parts.zone,
    });
  formats.set(key, format);
  return format.format(at);
}
