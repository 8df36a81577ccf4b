import type { Certificate } from '../../../pki/certificate.ts';
import type { Crl } from '../../../pki/crl.ts';
import type { Finding } from './outcome.ts';
import { askRevocation, type RevocationAnswer, worstFirst } from './revocation.ts';
import { checkStanding, endOf, type Stamp, type Stamps } from './timestamps.ts';

/** What the lists are asked with. */
export interface Lists {
  readonly crls: readonly Crl[];
  readonly crlSigners: readonly Certificate[];
}

/** What the time-stamps prove, and on what it stands. */
export interface Proof {
  /** Of the check `timestamp`. */
  readonly standing: Finding;
  /** Of the authorities' chains. */
  readonly revocations: readonly RevocationAnswer[];
  /** Of the file, whether the proof stands on them or not. */
  readonly all: readonly Stamp[];
  /** The stamps that the proof stands on, the signature's first. */
  readonly stamps: readonly Stamp[];
  /** When the signature was there; epoch milliseconds. */
  readonly signedAt: number;
}

/**
 * What each time-stamp proves, from the last to the first (ETSI EN 319 102-1 §5.6.2): today everything is there that is in the file; a document
 * time-stamp whose authority's chain stands when it is proven to be there proves whatever it covers at its own time; and so on back to the
 * signature's time-stamp. One that no longer stands proves nothing, and harms nothing.
 */
export function proveTime({ signature, archive }: Stamps, lists: Lists, now: number): Proof {
  let proven = now;
  const used: Stamp[] = [];
  const revocations: RevocationAnswer[] = [];
  for (const stamp of archive.toReversed()) {
    if (proven > endOf(stamp)) continue;
    const answer = ask(stamp, lists, now, proven);
    if (answer.findings.some(({ status }) => status === 'failed' || status === 'undecided')) continue;
    proven = Math.min(proven, stamp.at);
    used.unshift(stamp);
    revocations.unshift(answer);
  }
  // Where today's knowledge is enough, the document time-stamps are not needed and what is open about them is no matter.
  const own = signature.map((stamp) => ({
    stamp,
    standing: checkStanding(stamp, proven, now),
    answer: ask(stamp, lists, now, proven),
  }));
  const [standing] = worstFirst(own.map((one) => one.standing));
  return {
    standing: standing!,
    revocations: [...own.map(({ answer }) => answer), ...revocations],
    all: [...signature, ...archive],
    stamps: [...signature, ...used],
    signedAt: signature[0]!.at,
  };
}

const ask = ({ path, at }: Stamp, { crls, crlSigners }: Lists, now: number, proven: number): RevocationAnswer =>
  askRevocation({ whose: 'tsa', path, crls, crlSigners, at, now, proven });
