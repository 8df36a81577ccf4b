/** Readers of times, in epoch milliseconds: only Zulu and to the second, as X.690 §11.7, §11.8 and RFC 5280 §4.1.2.5 have them. */
import { expectType, isUniversal } from './dervalue.ts';
import { DerError, TAGS, type Tlv } from './tlv.ts';

const MS_OF_400_YEARS = 146_097 * 86_400_000;

/** Of `YYYYMMDDHHMMSS` or, with a century given, `YYMMDDHHMMSS`; NaN if there is no such time. By hand: revocation lists have many. */
function instant(content: Uint8Array, century?: number): number {
  let at = 0;
  const two = (): number => {
    const tens = content[at]! - 0x30;
    const ones = content[at + 1]! - 0x30;
    at += 2;
    return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
  };
  const year = (century ?? two()) * 100 + two();
  const month = two();
  const day = two();
  const hour = two();
  const minute = two();
  const second = two();
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 ? (leap ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  const exists = month >= 1 && month <= 12 && day >= 1 && day <= days && hour < 24 && minute < 60 && second < 60;
  // Date.UTC takes the years 0 to 99 for those of the 20th century.
  return exists ? Date.UTC(year + 400, month - 1, day, hour, minute, second) - MS_OF_400_YEARS : Number.NaN;
}

const isZulu = (content: Uint8Array): boolean => content[content.length - 1] === 0x5a;

/** Time of RFC 5280 §4.1.2.5: UTCTime for 1950 to 2049, GeneralizedTime for any other year. */
export function readTime(tlv: Tlv): number {
  if (isUniversal(tlv, TAGS.GENERALIZED_TIME)) {
    const ms = readGeneralizedTime(tlv);
    const year = new Date(ms).getUTCFullYear();
    if (year >= 1950 && year < 2050) throw new DerError('a GeneralizedTime where UTCTime is due', tlv.offset);
    return ms;
  }
  const { content, offset } = expectType(tlv, TAGS.UTC_TIME, 'a time');
  const ms = content.length === 13 && isZulu(content) ? instant(content, content[0]! < 0x35 ? 20 : 19) : Number.NaN;
  if (Number.isNaN(ms)) throw new DerError('a UTCTime that is not YYMMDDHHMMSSZ', offset);
  return ms;
}

/** With `fraction` parts of a second are allowed (X.690 §11.7.3); what is finer than a millisecond is dropped. */
export function readGeneralizedTime(
  tlv: Tlv,
  { fraction = false, implicit }: { fraction?: boolean; implicit?: number } = {},
): number {
  const { content, offset } = expectType(tlv, TAGS.GENERALIZED_TIME, 'a GeneralizedTime', implicit);
  const ms = content.length >= 15 && isZulu(content) ? instant(content) : Number.NaN;
  if (Number.isNaN(ms)) throw new DerError('a GeneralizedTime that is not YYYYMMDDHHMMSSZ', offset);
  if (content.length === 15) return ms;
  if (!fraction) throw new DerError('a time with parts of a second', offset);
  const [, decimals] = /^\.(\d{0,11}[1-9])Z$/.exec(Buffer.from(content.subarray(14)).toString('latin1')) ?? [];
  if (decimals === undefined) throw new DerError('parts of a second that are not in the form of DER', offset);
  return ms + Number(decimals.padEnd(3, '0').slice(0, 3));
}
