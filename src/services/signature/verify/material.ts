import { createHash } from 'node:crypto';
import { type Certificate, readCertificate } from '../../../pki/certificate.ts';
import { type Crl, readCrl } from '../../../pki/crl.ts';
import { DerError } from '../../../pki/der.ts';
import type { Trust } from '../verdict.ts';

/** What a file brings is bounded: more than any letter has, and each costs work. */
const MOST_CERTIFICATES = 128;
const MOST_CRLS = 64;

/** Hex: by which certificates and lists are named in evidence. */
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Certificates and lists that are at hand, read. None is trusted for being here. */
export interface Material {
  readonly certificates: readonly Certificate[];
  readonly crls: readonly Crl[];
}

interface TrustMaterial {
  readonly anchors: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  readonly timestampAnchors: readonly Certificate[];
  readonly timestampIntermediates: readonly Certificate[];
  readonly crls: readonly Crl[];
}

/** What cannot be read is left out: it can prove nothing. */
function readable<T>(ders: Iterable<Uint8Array>, read: (der: Uint8Array) => T, most = Number.POSITIVE_INFINITY): T[] {
  const seen = new Set<string>();
  const found: T[] = [];
  for (const der of ders) {
    if (found.length >= most) break;
    const name = sha256(der);
    if (seen.has(name)) continue;
    seen.add(name);
    try {
      found.push(read(der));
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
    }
  }
  return found;
}

const read = new WeakMap<Trust, TrustMaterial>();

/** Read once for each value of Trust, which is never changed. */
export function trustMaterial(trust: Trust): TrustMaterial {
  const known = read.get(trust);
  if (known) return known;
  const material = {
    anchors: readable(trust.anchors, readCertificate),
    intermediates: readable(trust.intermediates, readCertificate),
    timestampAnchors: readable(trust.timestampAnchors, readCertificate),
    timestampIntermediates: readable(trust.timestampIntermediates, readCertificate),
    crls: readable(trust.crls, readCrl),
  };
  read.set(trust, material);
  return material;
}

export function fileMaterial(certificates: Iterable<Uint8Array>, crls: Iterable<Uint8Array>): Material {
  return {
    certificates: readable(certificates, readCertificate, MOST_CERTIFICATES),
    crls: readable(crls, readCrl, MOST_CRLS),
  };
}
