import { emptyContents, room } from '../../../pdf/draft.ts';
import { tinyLetter } from '../../../pdf/letters.ts';
import { signatureOf } from '../../../support/signature/sign-letter.ts';
import { signers } from '../../../support/signature/signers.ts';
import { stamp } from '../verify/ask.ts';

room.digits = 8000;

/** What the drafts of tests/pdf are updates of. */
export const TINY_ISSUED = tinyLetter();

/**
 * A file of tests/pdf with real signatures and time-stamps in its empty /Contents, over the bytes that each /ByteRange names: as a doctor
 * whose signing program is the attacker's would sign it. Where there is no range that can be signed, it is left as it is.
 */
export async function signedInEarnest(file: Uint8Array): Promise<Uint8Array> {
  const signed = Buffer.from(file);
  const empty = emptyContents();
  for (let at = signed.indexOf(empty); at >= 0; at = signed.indexOf(empty, at + 1)) {
    const object = signed.toString('latin1', Math.max(0, signed.lastIndexOf(' obj', at)), at);
    const range = /ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]/.exec(object)?.slice(1).map(Number);
    if (!range) continue;
    const [first, before, after, rest] = range as [number, number, number, number];
    const parts = [signed.subarray(first, first + before), signed.subarray(after, after + rest)];
    const isTimestamp = object.includes('ETSI.RFC3161');
    const { doctor } = signers;
    const value = isTimestamp
      ? await stamp()(Buffer.concat(parts))
      : await signatureOf(parts, { signer: doctor, timestamp: stamp(), certificates: [doctor.certificate] });
    const digits = Buffer.from(value).toString('hex').toUpperCase();
    if (digits.length > room.digits) throw new RangeError(`${digits.length} digits do not fit`);
    signed.write(digits.padEnd(room.digits, '0'), at + 1, 'latin1');
  }
  return new Uint8Array(signed);
}
