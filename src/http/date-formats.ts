import type { Language } from './negotiate.ts';

/**
 * Formats of times in the languages of the service, one for each zone, and each made once: that takes longer than a hundred uses, and anybody may ask
 * for a page.
 */
export function dateFormats(options: (language: Language) => Intl.DateTimeFormatOptions) {
  const made = new Map<string, Intl.DateTimeFormat>();
  return (language: Language, zone: string): Intl.DateTimeFormat => {
    const key = `${language} ${zone}`;
    const known = made.get(key);
    if (known) return known;
    const locale = language === 'ja' ? 'ja-JP' : 'en-GB';
    const format = new Intl.DateTimeFormat(locale, { ...options(language), timeZone: zone });
    made.set(key, format);
    return format;
  };
}
