/** Text strings (ISO 32000-1 §7.9.2.2) and dates (§7.9.4). */

const BOM_16BE = [0xfe, 0xff];
const BOM_8 = [0xef, 0xbb, 0xbf];

const startsWith = (bytes: Uint8Array, mark: readonly number[]): boolean => mark.every((byte, i) => bytes[i] === byte);

/** UTF-16BE or UTF-8 with its mark, else PDFDocEncoding, of which what is not ASCII or Latin-1 is read as Latin-1. */
export function decodeText(bytes: Uint8Array): string {
  if (startsWith(bytes, BOM_16BE)) return new TextDecoder('utf-16be').decode(bytes.subarray(2));
  if (startsWith(bytes, BOM_8)) return new TextDecoder('utf-8').decode(bytes.subarray(3));
  return Buffer.from(bytes).toString('latin1');
}

/** As a token: a literal string where PDFDocEncoding and ASCII are the same, else UTF-16BE with its mark in hexadecimal. */
export function textString(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return `(${text.replace(/[\\()]/g, '\\$&')})`;
  const bytes = Buffer.from(`\ufeff${text.toWellFormed()}`, 'utf16le').swap16();
  return `<${bytes.toString('hex').toUpperCase()}>`;
}

const DATE = /^D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:Z(?:00'?(?:00'?)?)?|([+-])(\d\d)'?(?:(\d\d)'?)?)?$/;

/** Epoch milliseconds; without an offset the time is taken for UTC. */
export function parseDate(text: string): number | undefined {
  const found = DATE.exec(text);
  if (!found) return undefined;
  const [year, month = 1, day = 1, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map((part) => (part === undefined ? undefined : Number(part)));
  const local = Date.UTC(year!, month - 1, day, hour, minute, second);
  const back = new Date(local);
  if (back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) {
    return undefined;
  }
  const offset = (Number(found[8] ?? 0) * 60 + Number(found[9] ?? 0)) * 60_000;
  return local - (found[7] === '-' ? -offset : offset);
}

/** In UTC, to the second. */
export function dateString(time: number): string {
  return `(D:${new Date(time).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z)`;
}
