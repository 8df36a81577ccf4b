import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readCertificate } from '../../pki/certificate.ts';
import { type ExtensionParts, issueCertificate, issueCrl } from '../../pki/issue.ts';
import type { NameParts } from '../../pki/names.ts';
import { PRACTITIONERS } from '../data/practitioners.ts';

/** Who certifies in the demo network: shaped as HPKI is (domain facts: docs/trust.md), and worth nothing outside of it. */
export interface DemoHpki {
  /** Of the signers: root and issuing authority; PEM. */
  readonly root: string;
  readonly issuer: string;
  /** The doctor's certificate and RSA key, as they would be on a card; PEM. */
  readonly doctor: string;
  readonly doctorKey: string;
  /** Of the time-stamp authority: its root, its certificate and its key; PEM. */
  readonly timestampRoot: string;
  readonly timestamp: string;
  readonly timestampKey: string;
  /** Of the three that issue: keys, and revocation lists; PEM. */
  readonly keys: OfIssuers;
  readonly crls: OfIssuers;
}

interface OfIssuers {
  readonly root: string;
  readonly issuer: string;
  readonly timestampRoot: string;
}

/** HPKI's policy for signatures, at the level of tests. */
const POLICY = '1.2.392.100495.1.5.1.1.0.1';
export const TIMESTAMP_POLICY = '1.3.6.1.4.1.32473.1.1';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';

const YEAR = 365 * 86_400_000;
const HOUR = 3_600_000;

interface Authority {
  readonly key: KeyObject;
  readonly der: Uint8Array;
}

const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const curve = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const subject = (organization: string, name: string): NameParts => [
  ['C', 'JP'],
  ['O', organization],
  ['CN', name],
];

/** Makes the whole hierarchy anew. Certificates are valid from a year before `now` (epoch milliseconds) on, the lists for 90 days from it. */
export function makeHpki(now: number): DemoHpki {
  const issue = (
    name: NameParts,
    key: KeyObject,
    by: Authority | undefined,
    years: number,
    extensions: ExtensionParts,
  ): Authority => ({
    key,
    der: issueCertificate({
      subject: name,
      key,
      issuer: by ? { key: by.key, certificate: readCertificate(by.der) } : { key, name },
      notBefore: now - YEAR,
      notAfter: now + years * YEAR,
      extensions,
    }),
  });
  const authority = (pathLength: number): ExtensionParts => ({
    basicConstraints: { ca: true, pathLength },
    keyUsage: ['keyCertSign', 'cRLSign'],
  });
  const root = issue(subject('Tasuki Demo', 'Tasuki Demo HPKI Root CA'), rsa(), undefined, 20, authority(1));
  const issuer = issue(subject('Tasuki Demo', 'HPKI-01-TasukiDemoSignCA-forNonRepudiation'), rsa(), root, 10, {
    ...authority(0),
    certificatePolicies: [POLICY],
  });
  const { kanji, romaji } = doctorsName();
  const doctor = issue([...subject('Sakura Clinic', romaji), ['serialNumber', '9900000001']], rsa(), issuer, 5, {
    keyUsage: ['nonRepudiation'],
    certificatePolicies: [POLICY],
    hcRoles: ['Medical Doctor'],
    subjectAltName: [{ directoryName: subject('さくら診療所', kanji) }],
  });
  const timestampRoot = issue(subject('Tasuki Demo', 'Tasuki Demo TSA Root'), curve(), undefined, 20, authority(0));
  const timestamp = issue(subject('Tasuki Demo', 'Tasuki Demo TSU 1'), curve(), timestampRoot, 10, {
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: [TIME_STAMPING],
    critical: { extendedKeyUsage: true },
  });
  const certificate = ({ der }: Authority) => pem('CERTIFICATE', der);
  return withLists(
    {
      root: certificate(root),
      issuer: certificate(issuer),
      doctor: certificate(doctor),
      doctorKey: keyPem(doctor.key),
      timestampRoot: certificate(timestampRoot),
      timestamp: certificate(timestamp),
      timestampKey: keyPem(timestamp.key),
      keys: { root: keyPem(root.key), issuer: keyPem(issuer.key), timestampRoot: keyPem(timestampRoot.key) },
    },
    now,
  );
}

/** The same authorities with revocation lists of an hour before `now`. */
export function withLists(hpki: Omit<DemoHpki, 'crls'>, now: number): DemoHpki {
  const list = (name: keyof OfIssuers) =>
    pem(
      'X509 CRL',
      issueCrl({
        issuer: { key: keyOf(hpki.keys[name]), certificate: readCertificate(derOf(hpki[name])) },
        thisUpdate: now - HOUR,
        nextUpdate: now + YEAR / 4,
        crlNumber: BigInt(Math.floor(now / 1000)),
      }),
    );
  return { ...hpki, crls: { root: list('root'), issuer: list('issuer'), timestampRoot: list('timestampRoot') } };
}

function doctorsName(): { kanji: string; romaji: string } {
  const { family, given } = PRACTITIONERS.clinicDoctor.name;
  return { kanji: `${family} ${given}`, romaji: 'SAKURAI HARUKA' };
}

const keyPem = (key: KeyObject) => String(key.export({ format: 'pem', type: 'pkcs8' }));

export function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

export const derOf = (text: string): Uint8Array =>
  new Uint8Array(Buffer.from(text.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64'));

export const keyOf = (text: string): KeyObject => createPrivateKey(text);
