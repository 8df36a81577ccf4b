import { type Certificate, readCertificate } from '../../../src/pki/certificate.ts';
import { type CertificateParts, type ExtensionParts, issueCertificate } from '../../../src/pki/issue.ts';
import type { NameParts } from '../../../src/pki/names.ts';
import { type KeyKind, keyOf } from './keys.ts';
import type { Holder } from './sign-letter.ts';
import { SIGNED_AT, YEAR } from './times.ts';

/** A holder whose certificate has been read. */
export interface Member extends Holder {
  readonly x509: Certificate;
}

/** What differs from an ordinary certificate. */
export interface Making {
  readonly kind?: KeyKind;
  readonly subject?: NameParts;
  readonly notBefore?: number;
  readonly notAfter?: number;
  /** Laid over those of an ordinary one; `undefined` takes one away. */
  readonly extensions?: { readonly [name in keyof ExtensionParts]?: ExtensionParts[name] | undefined };
  /** Laid over everything. */
  readonly parts?: Partial<CertificateParts>;
}

/** HPKI's arcs of policies: for signatures, and for authentication. */
export const SIGNATURE_POLICY = '1.2.392.100495.1.5.1.1';
export const AUTHENTICATION_POLICY = '1.2.392.100495.1.5.1.2';

let serial = 0x4000n;

function make(owner: string, issuer: Member | undefined, ordinary: ExtensionParts, making: Making): Member {
  const key = keyOf(owner, making.kind);
  serial += 1n;
  const certificate = issueCertificate({
    subject: making.subject ?? [
      ['C', 'JP'],
      ['O', 'Tests'],
      ['CN', owner],
    ],
    issuer: issuer ? { key: issuer.key, certificate: issuer.x509 } : { key },
    key,
    serial,
    notBefore: making.notBefore ?? SIGNED_AT - YEAR,
    notAfter: making.notAfter ?? SIGNED_AT + 4 * YEAR,
    extensions: present({ ...ordinary, ...making.extensions }),
    ...making.parts,
  });
  const chain = issuer && !isRoot(issuer) ? [issuer.certificate, ...issuer.chain] : [];
  return { key, certificate, chain, x509: readCertificate(certificate) };
}

const present = (extensions: object): ExtensionParts =>
  Object.fromEntries(Object.entries(extensions).filter(([, value]) => value !== undefined));

const roots = new WeakSet<Member>();
const isRoot = (member: Member): boolean => roots.has(member);

/** A certification authority: a root without an issuer. */
export function authority(owner: string, issuer?: Member, making: Making = {}): Member {
  const ordinary: ExtensionParts = {
    basicConstraints: { ca: true },
    keyUsage: ['keyCertSign', 'cRLSign'],
  };
  const member = make(owner, issuer, ordinary, {
    notBefore: SIGNED_AT - 5 * YEAR,
    notAfter: SIGNED_AT + 20 * YEAR,
    ...making,
  });
  if (!issuer) roots.add(member);
  return member;
}

/** As MEDIS issues them (HPKI): names in Roman letters, in kanji among the alternative names; nonRepudiation alone; one role. */
export function signerOf(owner: string, issuer: Member, making: Making & { readonly kanji?: string } = {}): Member {
  const name = (text: string): NameParts => [
    ['C', 'JP'],
    ['O', 'Tests'],
    ['CN', text],
    ['serialNumber', `T-${owner.length}${owner.charCodeAt(0)}`],
  ];
  const ordinary: ExtensionParts = {
    keyUsage: ['nonRepudiation'],
    certificatePolicies: [`${SIGNATURE_POLICY}.3.1`],
    subjectAltName: [{ directoryName: name(making.kanji ?? '試験 医師') }],
    crlDistributionPoints: [{ names: [{ uri: 'http://crl.tests.example/sign.crl' }] }],
    hcRoles: ['Medical Doctor'],
    critical: { certificatePolicies: true },
  };
  return make(owner, issuer, ordinary, { subject: name(owner), ...making });
}

/** A time-stamp authority. */
export function stamperOf(owner: string, issuer: Member, making: Making = {}): Member {
  const ordinary: ExtensionParts = {
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: ['1.3.6.1.5.5.7.3.8'],
    critical: { extendedKeyUsage: true },
  };
  return make(owner, issuer, ordinary, { notAfter: SIGNED_AT + 10 * YEAR, ...making });
}

/** An object whose members are made when they are first asked for. */
export function lazily<T extends Record<string, () => unknown>>(
  makers: T,
): { readonly [name in keyof T]: ReturnType<T[name]> } {
  const made = new Map<string, unknown>();
  const descriptors = Object.entries(makers).map(([name, maker]) => [
    name,
    {
      enumerable: true,
      get: () => {
        if (!made.has(name)) made.set(name, maker());
        return made.get(name);
      },
    },
  ]);
  return Object.defineProperties({}, Object.fromEntries(descriptors)) as never;
}
