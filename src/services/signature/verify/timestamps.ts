import { type DocumentTimestamp, signedBytes } from '../../../pdf/examine.ts';
import { type Certificate, fingerprint, readCertificate } from '../../../pki/certificate.ts';
import { timestampTokensOf, trimPadding } from '../../../pki/cms.ts';
import { readTimestampToken, timestampCertificate, verifyTimestampToken } from '../../../pki/timestamp.ts';
import { timestampChain, type Ways } from './chain.ts';
import { type Facts, type Finding, failed, iso, noted, passed, undecided } from './outcome.ts';
import { type Signature, wellFormed } from './signature.ts';

/** Clocks differ: a time-stamp may be this much ahead of ours, milliseconds. */
export const MOST_AHEAD = 5 * 60_000;
const MOST_TOKENS = 8;
const MOST_CERTIFICATES = 64;

/** A time-stamp whose cryptography, certificate and chain were found right at its own time. */
export interface Stamp {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly token: Uint8Array;
  /** Of the authority, leaf first, anchor last. */
  readonly path: readonly Certificate[];
  /** Named by SHA-1 alone, as RFC 3161 had it. */
  readonly weak: boolean;
  readonly evidence: Facts;
}

export interface Stamps {
  /** What is wrong with one of them; without it all are sound. */
  readonly finding?: Finding;
  /** On the signature, the earliest first. */
  readonly signature: readonly Stamp[];
  /** On the document after it, in the order of the file. */
  readonly archive: readonly Stamp[];
}

const none = (finding: Finding): Stamps => ({ finding, signature: [], archive: [] });

/** Every time-stamp of the file. All must be sound: one that is not makes the others no better. */
export function readStamps(
  signature: Signature,
  documents: readonly DocumentTimestamp[],
  file: Uint8Array,
  ways: Ways,
  now: number,
): Stamps {
  const tokens = timestampTokensOf(signature.signer);
  if (tokens.length === 0) return none(failed('TST_MISSING', 'the signature is not time-stamped'));
  if (tokens.length > MOST_TOKENS) return none(failed('TST_TOO_MANY', `${tokens.length} time-stamps`));
  const onSignature: Stamp[] = [];
  for (const token of tokens) {
    const read = readStamp(token, [signature.signer.signature], ways, now);
    if ('code' in read) return none(read);
    onSignature.push(read);
  }
  onSignature.sort((left, right) => left.at - right.at);
  const archive: Stamp[] = [];
  for (const { contents, byteRange } of documents) {
    const trimmed = wellFormed(() => trimPadding(contents), 'TST_MALFORMED');
    const read =
      'finding' in trimmed ? trimmed.finding : readStamp(trimmed.value, signedBytes(file, byteRange), ways, now);
    if ('code' in read) return none(inArchive(read, archive.length));
    const before = archive.at(-1) ?? onSignature.at(-1)!;
    if (read.at < before.at)
      return none(failed('ARCHIVE_TST_ORDER', 'a document time-stamp older than what it covers', read.evidence));
    archive.push(read);
  }
  return { signature: onSignature, archive };
}

const inArchive = (finding: Finding, index: number): Finding => ({
  ...finding,
  code: finding.status === 'failed' ? 'ARCHIVE_TST_INVALID' : finding.code,
  detail: `document time-stamp ${index + 1}: ${finding.code}: ${finding.detail}`,
});

/** One time-stamp of the bytes, in their parts: what it says, or what is wrong with it. */
export function readStamp(der: Uint8Array, data: readonly Uint8Array[], ways: Ways, now: number): Stamp | Finding {
  const read = wellFormed(() => readTimestampToken(der), 'TST_MALFORMED');
  if ('finding' in read) return read.finding;
  const token = read.value;
  if (token.cms.certificates.length > MOST_CERTIFICATES)
    return failed('TST_MALFORMED', `${token.cms.certificates.length} certificates`);
  const { genTime, serial, policy, accuracy } = token.tst;
  const leaf = timestampCertificate(
    token,
    ways.candidates.map(({ der: candidate }) => candidate),
  );
  if (!leaf) return failed('TST_CERTIFICATE_MISSING', 'the certificate of the authority is not at hand');
  const parsed = wellFormed(() => readCertificate(leaf), 'TST_MALFORMED');
  if ('finding' in parsed) return parsed.finding;
  const evidence: Facts = {
    genTime: iso(genTime),
    serial: serial.toString(16),
    policy,
    certificate: fingerprint(parsed.value),
    ...(accuracy !== undefined && { accuracy: `${accuracy} ms` }),
  };
  const sound = verifyTimestampToken(token, { data }, leaf);
  if (!sound.ok) return failed(sound.code, sound.detail, evidence);
  if (genTime > now + MOST_AHEAD) return failed('TST_FUTURE', `${iso(genTime)} is after ${iso(now)}`, evidence);
  const carried = token.cms.certificates.flatMap((one) => {
    const certificate = wellFormed(() => readCertificate(one), 'TST_MALFORMED');
    return 'value' in certificate ? [certificate.value] : [];
  });
  const candidates = [...ways.candidates, ...carried];
  const { finding, found } = timestampChain(parsed.value, { ...ways, candidates }, genTime);
  if (!found) return { ...finding, evidence: { ...evidence, ...finding.evidence } };
  return { at: genTime, token: der, path: found.path, weak: sound.weak, evidence };
}

/** When the first certificate of the chain, but for the anchor, ends. */
export const endOf = ({ path }: Stamp): number => Math.min(...path.slice(0, -1).map(({ notAfter }) => notAfter));

/** Whether the signature's time-stamp still stands: its certificates have not ended before it was proven to be there (ETSI EN 319 102-1). */
export function checkStanding(stamp: Stamp, proven: number, now: number): Finding {
  const { evidence } = stamp;
  const end = endOf(stamp);
  if (proven > end)
    return undecided(
      'TST_EXPIRED',
      `its certificate ended ${iso(end)}, and no later time-stamp was made before`,
      evidence,
    );
  if (now > end) return noted('ARCHIVED', `its certificate ended ${iso(end)}; proven by ${iso(proven)}`, evidence);
  return stamp.weak
    ? noted('TST_ESS_WEAK', 'the time-stamp names its certificate by SHA-1 alone', evidence)
    : passed('sound, by a trusted authority', evidence);
}
