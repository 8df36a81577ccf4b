import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Certificate, readCertificate } from '../../../../src/pki/certificate.ts';
import { type CertificateParts, type CrlParts, issueCertificate, issueCrl } from '../../../../src/pki/issue.ts';

/** Certificates and lists of authorities that exist nowhere, for the tests of what is trusted. */
export const DAY = 86_400_000;
export const NOW = Date.parse('2026-04-01T00:00:00Z');

/** One for all: whose key it is does not matter unless a test says so. */
const keys = [0, 1, 2].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);

export interface Ca {
  readonly certificate: Certificate;
  readonly key: KeyObject;
  readonly der: Uint8Array;
}

type Parts = Partial<Pick<CertificateParts, 'notBefore' | 'notAfter' | 'extensions' | 'scheme' | 'version'>>;

/** A certificate of an authority, self-signed unless it has an issuer. */
export function ca(name: string, { issuer, key = 0, ...more }: Parts & { issuer?: Ca; key?: number } = {}): Ca {
  const own = keys[key]!;
  const der = issueCertificate({
    subject: [
      ['C', 'JP'],
      ['O', 'Tasuki test'],
      ['CN', name],
    ],
    issuer: issuer ? { certificate: issuer.certificate, key: issuer.key } : { key: own },
    key: own,
    notBefore: NOW - 100 * DAY,
    notAfter: NOW + 1000 * DAY,
    ...more,
    extensions: { basicConstraints: { ca: true }, keyUsage: ['keyCertSign', 'cRLSign'], ...more.extensions },
  });
  return { der, key: own, certificate: readCertificate(der) };
}

/** A list of the authority, of one day ago and for a week. */
export const crl = ({ certificate, key }: Pick<Ca, 'certificate' | 'key'>, more: Partial<CrlParts> = {}): Uint8Array =>
  issueCrl({
    issuer: { certificate, key },
    thisUpdate: NOW - DAY,
    nextUpdate: NOW + 6 * DAY,
    crlNumber: 1n,
    ...more,
  });

export const pem = (der: Uint8Array, label = 'CERTIFICATE'): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der)
    .toString('base64')
    .replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;

/** A trust directory of the test's own. */
export interface Directory {
  readonly path: string;
  write(files: Readonly<Record<string, string | Uint8Array | object>>): Promise<void>;
  remove(): Promise<void>;
}

export async function trustDirectory(): Promise<Directory> {
  const path = await mkdtemp(join(tmpdir(), 'tasuki-trust-'));
  return {
    path,
    write: async (files) => {
      for (const [name, content] of Object.entries(files)) {
        const file = join(path, name);
        await mkdir(dirname(file), { recursive: true });
        const plain = typeof content === 'string' || content instanceof Uint8Array;
        await writeFile(file, plain ? content : JSON.stringify(content));
      }
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

export const NAME = { ja: '試験認証局', en: 'Test CA' };
export const TSA_NAME = { ja: '試験時刻局', en: 'Test TSA' };

export const root = ca('Root');
export const signing = ca('HPKI-01-TestSignCA-forNonRepudiation', { issuer: root, key: 1 });
export const tsaRoot = ca('TSA Root', { key: 2 });

/** trust.json that trusts the three, with what the test adds to its parts. */
export const trustJson = ({
  issuer = {},
  authority = {},
  ...more
}: {
  issuer?: object;
  authority?: object;
  [key: string]: unknown;
} = {}) => ({
  environment: 'test',
  issuers: [{ name: NAME, anchors: ['root.pem'], intermediates: ['signing.cer'], ...issuer }],
  timestampAuthorities: [{ name: TSA_NAME, anchors: ['tsa.pem'], ...authority }],
  ...more,
});

export const FILES = Object.freeze({
  'root.pem': pem(root.der),
  'signing.cer': signing.der,
  'tsa.pem': pem(tsaRoot.der),
});
