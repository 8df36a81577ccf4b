import { createHash } from 'node:crypto';
import { type Certificate, readCertificate } from '../pki/certificate.ts';
import type { Crl } from '../pki/crl.ts';
import { DerError } from '../pki/der.ts';
import { sameName } from '../pki/names.ts';
import { buildPath } from '../pki/path.ts';
import { checkRevocation } from '../pki/revocation.ts';
import type { Presented } from './certificate-header.ts';

/** By whom certificates of terminals are issued, and what those say of them now. */
export interface TrustMaterial {
  readonly certificates: readonly Certificate[];
  readonly crls: readonly Crl[];
}

/**
 * `required`: a certificate is taken only while a list of each issuer on its path, current and complete, does not have it. `if-listed`: without
 * such a list it is taken, but a list that has it counts.
 */
export type RevocationRule = 'required' | 'if-listed';

export type Verdict =
  | {
      readonly ok: true;
      readonly certificate: Certificate;
      readonly sha256: string;
      /** Epoch milliseconds: when to look again. */
      readonly until: number;
    }
  | {
      readonly ok: false;
      /** A code of the path, `REVOKED`, `NO_REVOCATION_LIST`, `MALFORMED` or `NO_AUTHORITIES`. */
      readonly code: string;
      /** For the log, in English. */
      readonly detail: string;
      readonly until: number;
    };

/** id-kp-clientAuth (RFC 5280, section 4.2.1.12): a certificate of a terminal must say that it is for this. */
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';

/** How long a verdict is used again; milliseconds. */
const LONGEST_MS = 60_000;
const MOST_VERDICTS = 2_000;

/** Judges certificates of terminals. What it trusts is replaced as a whole, at any time. */
export class ClientTrust {
  readonly #rule: RevocationRule;
  readonly #verdicts = new Map<string, Verdict>();
  #material: TrustMaterial = { certificates: [], crls: [] };
  #anchors: readonly Certificate[] = [];
  #between: readonly Certificate[] = [];

  constructor(rule: RevocationRule) {
    this.#rule = rule;
  }

  /** Certificates that none of the others could have issued are anchors; the others only stand between. */
  replace(material: TrustMaterial): void {
    const isIssued = (one: Certificate) =>
      material.certificates.some((other) => other !== one && sameName(other.subject, one.issuer)) &&
      !sameName(one.subject, one.issuer);
    this.#material = material;
    this.#anchors = material.certificates.filter((one) => !isIssued(one));
    this.#between = material.certificates.filter(isIssued);
    this.#verdicts.clear();
  }

  /** @param fresh called with each verdict that was not simply remembered. */
  judge(presented: Presented, now: number, fresh?: (verdict: Verdict) => void): Verdict {
    const key = createHash('sha256');
    for (const der of [presented.leaf, ...presented.between]) key.update(`${der.length}:`).update(der);
    const digest = key.digest('base64url');
    const known = this.#verdicts.get(digest);
    if (known && now < known.until && now >= known.until - LONGEST_MS) return known;
    const verdict = this.#judge(presented, now);
    if (this.#verdicts.size >= MOST_VERDICTS) this.#verdicts.clear();
    this.#verdicts.set(digest, verdict);
    fresh?.(verdict);
    return verdict;
  }

  #judge({ leaf, between }: Presented, now: number): Verdict {
    const soon = now + LONGEST_MS;
    const refused = (code: string, detail: string): Verdict => ({ ok: false, code, detail, until: soon });
    if (this.#anchors.length === 0) return refused('NO_AUTHORITIES', 'there are no authorities to trust');
    const read = readAll([leaf, ...between]);
    if (typeof read === 'string') return refused('MALFORMED', read);
    const [certificate, ...sent] = read as [Certificate, ...Certificate[]];
    const candidates = [...this.#between, ...sent];
    const found = buildPath({
      leaf: certificate,
      candidates,
      anchors: this.#anchors,
      at: now,
      purpose: CLIENT_AUTHENTICATION,
    });
    if (!found.ok) return refused(found.code, found.detail);
    const statuses = checkRevocation({ path: found.path, crls: this.#material.crls, at: now, now });
    const revoked = statuses.find(({ state }) => state === 'revoked');
    if (revoked) return refused('REVOKED', revoked.detail);
    const undecided = statuses.find(({ state }) => state === 'none');
    if (undecided && this.#rule === 'required') return refused('NO_REVOCATION_LIST', undecided.detail);
    const ends = [
      ...found.path.map(({ notAfter }) => notAfter + 1),
      ...statuses.flatMap(({ recheck }) => recheck ?? []),
    ];
    const sha256 = createHash('sha256').update(leaf).digest('base64url');
    return { ok: true, certificate, sha256, until: Math.min(soon, ...ends) };
  }
}

function readAll(ders: readonly Buffer[]): readonly Certificate[] | string {
  try {
    return ders.map((der) => readCertificate(der));
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return error.message;
  }
}
