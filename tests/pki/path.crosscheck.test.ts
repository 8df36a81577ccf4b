import { generateKeyPairSync } from 'node:crypto';
import type { Certificate } from '../../src/pki/certificate.ts';
import type { Crl } from '../../src/pki/crl.ts';
import { oid, sequence } from '../../src/pki/der.ts';
import type { ExtensionParts } from '../../src/pki/issue.ts';
import { formatName } from '../../src/pki/names.ts';
import { buildPath } from '../../src/pki/path.ts';
import { checkRevocation } from '../../src/pki/revocation.ts';
import {
  authority,
  DAY,
  doctor,
  ecKey,
  list,
  NOON,
  named,
  type Party,
  type PartyParts,
  party,
  rsaKey,
} from './authorities.ts';
import { type Bench, bench, hasOpenssl } from './openssl.ts';

let at: Bench;
let files = 0;

const pem = (label: string, der: Uint8Array): string =>
  [
    `-----BEGIN ${label}-----`,
    ...Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g)!,
    `-----END ${label}-----\n`,
  ].join('\n');

/** A file of PEM blocks. */
const put = (label: string, ders: readonly { readonly der: Uint8Array }[]): string => {
  files += 1;
  return at.put(`${files}.pem`, ders.map(({ der }) => pem(label, der)).join(''));
};

interface Judged {
  readonly leaf: Certificate;
  readonly candidates: readonly Certificate[];
  readonly anchors: readonly Certificate[];
  readonly crls?: readonly Crl[];
  readonly time?: number;
}

const seconds = (ms: number) => String(Math.floor(ms / 1000));

/** What `openssl verify` says: `OK`, or the text of its first error. */
function byOpenssl({ leaf, candidates, anchors, crls, time = NOON }: Judged): string {
  const args = ['verify', '-x509_strict', '-check_ss_sig', '-auth_level', '2', '-attime', seconds(time)];
  args.push('-CAfile', put('CERTIFICATE', anchors));
  if (candidates.length > 0) args.push('-untrusted', put('CERTIFICATE', candidates));
  if (crls !== undefined) args.push('-crl_check_all', '-CRLfile', put('X509 CRL', crls));
  else args.push('-policy_check', '-policy', 'anyPolicy');
  args.push(put('CERTIFICATE', [leaf]));
  let output: string;
  try {
    output = at.openssl(...args);
  } catch (error) {
    output = String(error);
  }
  return /error \d+ at \d+ depth lookup: (.*)/.exec(output)?.[1] ?? (output.includes(': OK') ? 'OK' : output);
}

function byUs({ leaf, candidates, anchors, crls, time = NOON }: Judged): string {
  const found = buildPath({ leaf, candidates, anchors, at: time });
  if (!found.ok) return found.code;
  if (crls === undefined) return 'OK';
  const states = checkRevocation({ path: found.path, crls, at: time, now: time }).map(({ state }) => state);
  return states.every((state) => state === 'good' || state === 'pending') ? 'OK' : states.join(' ');
}

const root = authority('Root', undefined);
const middle = authority('Issuing CA', root, { basicConstraints: { ca: true, pathLength: 0 } });
const leaf = doctor(middle);
const chain = { leaf: leaf.certificate, candidates: [middle.certificate], anchors: [root.certificate] };

function under(extensions: ExtensionParts, parts: PartyParts = {}, below: ExtensionParts = {}): Judged {
  const faulty = authority('Faulty CA', root, extensions, parts);
  return { ...chain, leaf: doctor(faulty, below).certificate, candidates: [faulty.certificate] };
}
function below(parent: Party): Judged {
  const lower = authority('Below', parent);
  const between = parent === root ? [lower] : [lower, parent];
  return { ...chain, leaf: doctor(lower).certificate, candidates: between.map(({ certificate }) => certificate) };
}
const unknown = { raw: [{ oid: '1.2.3.4', critical: true, value: Uint8Array.of(5, 0) }] };
const sha1 = sequence(oid('1.2.840.10045.4.1'));
const rsa = authority('RSA root', undefined, {}, { key: rsaKey() });
const pss = authority(
  'PSS root',
  undefined,
  {},
  { key: generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey },
);
const p384 = authority('P-384 root', undefined, {}, { key: ecKey('P-384') });
const anchored = (anchor: Party): Judged => ({
  leaf: doctor(anchor).certificate,
  candidates: [],
  anchors: [anchor.certificate],
});
const revoked = (reason: 'keyCompromise' | 'certificateHold' = 'keyCompromise') => [
  { serial: leaf.certificate.serial, revocationDate: NOON - DAY, reason },
];
const lists = (...crls: readonly Crl[]): Judged => ({ ...chain, crls: [list(root), ...crls], time: NOON });
const policy = (above: string, of: string, more: ExtensionParts = {}): Judged =>
  under({ certificatePolicies: [above], ...more }, {}, { certificatePolicies: [of] });
const constrained = (permitted: string, excluded?: string): Judged =>
  under({
    nameConstraints: {
      permitted: [
        {
          directoryName: [
            ['C', 'JP'],
            ['O', permitted],
          ],
        },
      ],
      ...(excluded !== undefined && { excluded: [{ directoryName: named(excluded) }] }),
    },
  });

/** The judged, what we say, and what OpenSSL says of the same. */
const CASES: readonly (readonly [string, Judged, string, RegExp])[] = [
  ['a good chain', chain, 'OK', /^OK$/],
  ['RSA', anchored(rsa), 'OK', /^OK$/],
  ['RSASSA-PSS', anchored(pss), 'OK', /^OK$/],
  ['P-384', anchored(p384), 'OK', /^OK$/],
  ['nothing at hand', { ...chain, candidates: [] }, 'NO_ANCHOR', /unable to get local issuer/],
  ['another anchor', { ...chain, anchors: [rsa.certificate] }, 'NO_ANCHOR', /unable to get (local )?issuer/],
  [
    'a root that is not trusted',
    { ...chain, candidates: [middle.certificate, root.certificate], anchors: [rsa.certificate] },
    'UNTRUSTED_ROOT',
    /self-signed certificate in certificate chain/,
  ],
  ['expired', { ...chain, time: NOON + 3000 * DAY }, 'EXPIRED', /expired/],
  ['not yet valid', { ...chain, time: NOON - 3000 * DAY }, 'NOT_YET_VALID', /not yet valid/],
  [
    'a forged signature',
    { ...chain, leaf: doctor({ ...middle, key: ecKey() }).certificate },
    'SIGNATURE_WRONG',
    /signature failure/,
  ],
  [
    'a doctor who issues',
    under({ basicConstraints: { ca: false }, keyUsage: ['digitalSignature'] }),
    'NOT_A_CA',
    /invalid CA certificate/,
  ],
  [
    'no keyCertSign',
    under({ keyUsage: ['cRLSign'] }),
    'NO_KEY_CERT_SIGN',
    /certificate signing|invalid CA|Key Usage|keyCertSign/i,
  ],
  ['path length', below(middle), 'PATH_LENGTH', /path length constraint exceeded/],
  ['path length that suffices', below(root), 'OK', /^OK$/],
  ['an unknown critical extension', under(unknown), 'UNKNOWN_CRITICAL_EXTENSION', /unhandled critical extension/],
  [
    'an unknown critical extension of the leaf',
    { ...chain, leaf: doctor(middle, unknown).certificate },
    'UNKNOWN_CRITICAL_EXTENSION',
    /unhandled critical extension/,
  ],
  ['names that are permitted', constrained('Tasuki Test', 'Else'), 'OK', /^OK$/],
  ['names that are not permitted', constrained('Else'), 'NAME_CONSTRAINTS', /permitted subtree violation/],
  [
    'names that are excluded',
    constrained('Tasuki Test', '試験 太郎'),
    'NAME_CONSTRAINTS',
    /excluded subtree violation/,
  ],
  ['SHA-1', under({}, { innerAlgorithm: sha1, outerAlgorithm: sha1 }), 'HASH_WEAK', /too weak|signature failure/],
  [
    'RSA of 1024 bits',
    { ...chain, leaf: doctor(middle, {}, { key: rsaKey(1024) }).certificate },
    'KEY_WEAK',
    /key too (small|weak)/,
  ],
  ['the same policy', policy('1.2.3', '1.2.3', { policyConstraints: { requireExplicitPolicy: 0 } }), 'OK', /^OK$/],
  [
    'another policy',
    policy('1.2.3', '1.2.4', { policyConstraints: { requireExplicitPolicy: 0 } }),
    'POLICY_REQUIRED',
    /no explicit policy/,
  ],
  ['another policy, none required', policy('1.2.3', '1.2.4'), 'OK', /^OK$/],
  ['any policy', policy('2.5.29.32.0', '1.2.4', { policyConstraints: { requireExplicitPolicy: 0 } }), 'OK', /^OK$/],
  [
    'any policy, inhibited',
    policy('1.2.3', '2.5.29.32.0', { inhibitAnyPolicy: 0, policyConstraints: { requireExplicitPolicy: 0 } }),
    'POLICY_REQUIRED',
    /no explicit policy/,
  ],
  [
    'any policy, inhibited below the next',
    policy('1.2.3', '2.5.29.32.0', { inhibitAnyPolicy: 1, policyConstraints: { requireExplicitPolicy: 0 } }),
    'OK',
    /^OK$/,
  ],
  ['lists without it', lists(list(middle)), 'OK', /^OK$/],
  ['no list', lists(), 'none good', /unable to get certificate CRL/],
  ['revoked', lists(list(middle, { entries: revoked() })), 'revoked good', /certificate revoked/],
  ['on hold', lists(list(middle, { entries: revoked('certificateHold') })), 'revoked good', /certificate revoked/],
  [
    'a forged list',
    lists(list({ ...middle, key: ecKey() })),
    'none good',
    /CRL signature failure|unable to get certificate CRL/,
  ],
  [
    'a list out of date',
    { ...lists(list(middle, { thisUpdate: NOON - 2 * DAY, nextUpdate: NOON - DAY })) },
    'none good',
    /CRL has expired/,
  ],
  [
    'a list from the future',
    lists(list(middle, { thisUpdate: NOON + DAY, nextUpdate: NOON + 2 * DAY })),
    'none good',
    /CRL is not yet valid/,
  ],
  ['a critical extension of the list', lists(list(middle, unknown)), 'none good', /unhandled critical CRL extension/],
  [
    'a list of authorities only',
    lists(list(middle, { issuingDistributionPoint: { onlyContainsCACerts: true } })),
    'none good',
    /different CRL scope/i,
  ],
  [
    'a list of another distribution point',
    lists(list(middle, { issuingDistributionPoint: { names: [{ uri: 'http://crl.example/else' }] } })),
    'none good',
    /different CRL scope/i,
  ],
  [
    'a list of its distribution point',
    lists(list(middle, { issuingDistributionPoint: { names: [{ uri: 'http://crl.example/sign.crl' }] } })),
    'OK',
    /^OK$/,
  ],
  // OpenSSL takes it for a whole list: there we are stricter.
  ['a delta list alone', lists(list(middle, { deltaBase: 1n })), 'none good', /./],
  [
    'an indirect list',
    lists(list(middle, { issuingDistributionPoint: { indirectCRL: true } })),
    'none good',
    /unable to get certificate CRL|CRL/,
  ],
];

(hasOpenssl ? describe : describe.skip)('OpenSSL', () => {
  beforeAll(() => {
    at = bench();
  });
  afterAll(() => at.remove());

  it.each(CASES)('judges as we do: %s', (_, judged, ours, theirs) => {
    expect(byUs(judged)).toBe(ours);
    expect(byOpenssl(judged)).toMatch(theirs);
  });

  it('reads everything that a certificate can be made with, as we do', () => {
    const every = party('ＡＢＣ 試験', root, {
      serial: 2n ** 159n + 1n,
      notAfter: Date.parse('2060-01-01T00:00:00Z'),
      extensions: {
        basicConstraints: { ca: true, pathLength: 2 },
        keyUsage: ['digitalSignature', 'keyCertSign', 'decipherOnly'],
        extendedKeyUsage: ['1.3.6.1.5.5.7.3.8'],
        certificatePolicies: ['1.2.392.100495.1.5.1.1.3.1'],
        policyMappings: [['1.2.3', '1.2.4']],
        policyConstraints: { requireExplicitPolicy: 1, inhibitPolicyMapping: 0 },
        inhibitAnyPolicy: 2,
        nameConstraints: { permitted: [{ directoryName: [['C', 'JP']] }], excluded: [{ dns: 'a.example' }] },
        subjectAltName: [
          { directoryName: named('試験') },
          { uri: 'urn:x' },
          { email: 'a@b.example' },
          { ip: Uint8Array.of(10, 0, 0, 1) },
        ],
        crlDistributionPoints: [
          { names: [{ uri: 'http://x/' }], crlIssuer: [{ directoryName: named('Else') }], someReasons: true },
        ],
        hcRoles: ['Medical Doctor'],
      },
    }).certificate;
    const file = put('CERTIFICATE', [every]);
    const text = at.openssl('x509', '-in', file, '-noout', '-text', '-nameopt', 'RFC2253,-esc_msb,utf8');
    for (const expected of [
      formatName(every.subject),
      'CA:TRUE, pathlen:2',
      'Digital Signature, Certificate Sign, Decipher Only',
      'Time Stamping',
      'Policy: 1.2.392.100495.1.5.1.1.3.1',
      '1.2.3:1.2.4',
      'Require Explicit Policy:1, Inhibit Policy Mapping:0',
      'X509v3 Inhibit Any Policy',
      'DNS:a.example',
      'URI:urn:x',
      'IP Address:10.0.0.1',
      'Key Compromise, CA Compromise',
      'Jan  1 00:00:00 2060 GMT',
      'X509v3 Subject Directory Attributes',
    ]) {
      expect(text).toContain(expected);
    }
    expect(at.openssl('x509', '-in', file, '-noout', '-serial').trim().toLowerCase()).toBe(`serial=${every.serialHex}`);
    expect(at.openssl('x509', '-in', file, '-noout', '-fingerprint', '-sha256')).toContain('Fingerprint=');
  });

  it('reads everything that a list can be made with, as we do', () => {
    const crl = list(root, {
      crlNumber: 2n ** 64n,
      deltaBase: 3n,
      issuingDistributionPoint: {
        names: [{ uri: 'http://x/' }],
        onlyContainsUserCerts: true,
        someReasons: true,
        indirectCRL: true,
      },
      expiredCertsOnCrl: NOON,
      entries: [
        { serial: 0x0102n, revocationDate: NOON, reason: 'aACompromise', invalidityDate: NOON - DAY },
        { serial: 3n, revocationDate: NOON, certificateIssuer: named('Else') },
        { serial: 4n, revocationDate: Date.parse('2055-01-01T00:00:00Z'), reason: 'removeFromCRL' },
      ],
    });
    const text = at.openssl('crl', '-in', put('X509 CRL', [crl]), '-noout', '-text');
    for (const expected of [
      'X509v3 Delta CRL Indicator',
      'X509v3 CRL Number',
      'Only User Certificates',
      'Indirect CRL',
      'Only Some Reasons',
      'Serial Number: 0102',
      'Invalidity Date',
      'X509v3 Certificate Issuer',
      'Jan  1 00:00:00 2055 GMT',
    ]) {
      expect(text).toContain(expected);
    }
  });
});
