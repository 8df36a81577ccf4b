import { generateKeyPairSync } from 'node:crypto';
import type { Certificate } from '../../src/pki/certificate.ts';
import { oid, printable, sequence, set, utf8 } from '../../src/pki/der.ts';
import { TIME_STAMPING } from '../../src/pki/extensions.ts';
import type { ExtensionParts } from '../../src/pki/issue.ts';
import { buildPath, type PathFailureCode, type PathRequest } from '../../src/pki/path.ts';
import {
  authority,
  DAY,
  DOCTOR_POLICY,
  doctor,
  ecKey,
  NOON,
  named,
  type Party,
  type PartyParts,
  party,
  rsaKey,
} from './authorities.ts';

const root = authority('Root', undefined, { basicConstraints: { ca: true } });
const middle = authority('Issuing CA', root, { basicConstraints: { ca: true, pathLength: 0 } });
const leaf = doctor(middle);
const other = authority('Other root', undefined);

type Given = Partial<Omit<PathRequest, 'leaf'>> & { readonly leaf: Certificate };
const build = ({ leaf: of, ...given }: Given) =>
  buildPath({ leaf: of, candidates: [middle.certificate], anchors: [root.certificate], at: NOON, ...given });

/** The path by common name, or the code. */
function outcome(given: Given): readonly string[] | PathFailureCode {
  const found = build(given);
  if (!found.ok) return found.code;
  const { path } = found;
  for (const [depth, certificate] of path.slice(0, -1).entries()) {
    expect(certificate.issuer.keys).toEqual(path[depth + 1]!.subject.keys);
  }
  return path.map(({ subject }) => subject.rdns.at(-1)![0]!.text!);
}

const GOOD = ['SHIKEN TARO', 'Issuing CA', 'Root'];

describe('a path', () => {
  it('is found, leaf first and anchor last', () => {
    expect(outcome({ leaf: leaf.certificate })).toEqual(GOOD);
  });

  it('may have no certificate between', () => {
    expect(outcome({ leaf: doctor(root).certificate, candidates: [] })).toEqual(['SHIKEN TARO', 'Root']);
  });

  it.each([
    ['RSA', rsaKey(), undefined],
    ['RSA with PSS', rsaKey(), { kind: 'rsa-pss', hash: 'sha256', saltLength: 32 } as const],
    ['a key for PSS only', generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey, undefined],
    ['P-384', ecKey('P-384'), undefined],
    ['RSA with SHA-512', rsaKey(), { kind: 'rsa-pkcs1', hash: 'sha512' } as const],
  ])('may be signed by %s', (_, key, scheme) => {
    const signer = authority('Signer', undefined, {}, { key, ...(scheme && { scheme }) });
    const signed = doctor(signer, {}, scheme && { scheme });
    expect(outcome({ leaf: signed.certificate, anchors: [signer.certificate] })).toEqual(['SHIKEN TARO', 'Signer']);
  });

  it('counts the first and the last second of each certificate', () => {
    const { certificate } = doctor(middle, {}, { notBefore: NOON, notAfter: NOON + DAY });
    const at = (ms: number) => outcome({ leaf: certificate, at: ms });
    expect([at(NOON - 1), at(NOON), at(NOON + DAY), at(NOON + DAY + 1)]).toEqual([
      'NOT_YET_VALID',
      GOOD,
      GOOD,
      'EXPIRED',
    ]);
    expect(at(Number.NaN)).toBe('EXPIRED');
  });

  it('is chained by names that are equal, though not byte by byte', () => {
    const part = (type: string, value: Uint8Array) => set(sequence(oid(type), value));
    const name = sequence(
      part('2.5.4.6', printable('jp')),
      part('2.5.4.10', printable('TASUKI  TEST')),
      part('2.5.4.3', printable('issuing ca')),
    );
    expect(outcome({ leaf: party('SHIKEN TARO', { ...middle, name }).certificate })).toEqual(GOOD);
  });

  it('goes by another way when the first is expired, of another key, or not for it', () => {
    const copies = [
      authority('Issuing CA', root, {}, { key: middle.key, notAfter: NOON - DAY }),
      authority('Issuing CA', root, { subjectKeyIdentifier: middle.certificate.known.subjectKeyIdentifier! }),
      party('Issuing CA', root, { key: middle.key }),
      authority('Issuing CA', other, {}, { key: middle.key }),
    ].map(({ certificate }) => certificate);
    expect(outcome({ leaf: leaf.certificate, candidates: copies })).toBe('NOT_A_CA');
    expect(outcome({ leaf: leaf.certificate, candidates: [...copies, middle.certificate] })).toEqual(GOOD);
  });

  it('goes on where an authority renewed its key by a self-issued certificate', () => {
    const renewed = authority('Issuing CA', middle, {});
    const { certificate } = doctor(renewed);
    expect(outcome({ leaf: certificate, candidates: [middle.certificate, renewed.certificate] })).toEqual([
      'SHIKEN TARO',
      'Issuing CA',
      'Issuing CA',
      'Root',
    ]);
  });

  it('may end at an anchor that another root has certified, too', () => {
    const cross = authority('Root', other, {}, { key: root.key });
    const pools = [cross.certificate, middle.certificate, other.certificate];
    expect(outcome({ leaf: leaf.certificate, candidates: pools })).toEqual(GOOD);
    expect(outcome({ leaf: leaf.certificate, candidates: pools, anchors: [other.certificate] })).toEqual([
      ...GOOD,
      'Other root',
    ]);
    expect(outcome({ leaf: leaf.certificate, candidates: pools, anchors: [middle.certificate] })).toEqual(
      GOOD.slice(0, 2),
    );
  });

  it('may have an anchor of version 1, and one with a signature that is not accepted any more', () => {
    const old = party('Old root', undefined, { version: 1 });
    expect(outcome({ leaf: doctor(old).certificate, anchors: [old.certificate] })).toHaveLength(2);
    const sha1 = sequence(oid('1.2.840.10045.4.1'));
    const weak = authority('Weak root', undefined, {}, { innerAlgorithm: sha1, outerAlgorithm: sha1 });
    expect(outcome({ leaf: doctor(weak).certificate, anchors: [weak.certificate] })).toHaveLength(2);
  });
});

interface Bad {
  readonly code: PathFailureCode;
  readonly why: string;
  readonly given: Given;
  /** Common name of the certificate at fault. */
  readonly fault?: string;
}

/** A chain in which the authority between is faulty. */
function under(extensions: ExtensionParts, parts: PartyParts = {}, below?: PartyParts): Given {
  const faulty = authority('Faulty CA', root, extensions, parts);
  return { leaf: doctor(faulty, {}, below).certificate, candidates: [faulty.certificate] };
}
const leafWith = (extensions: ExtensionParts, parts: PartyParts = {}): Given => ({
  leaf: doctor(middle, extensions, parts).certificate,
});
const unknown = { raw: [{ oid: '1.2.3.4', critical: true, value: Uint8Array.of(5, 0) }] };
const anchored = (anchor: Party): Given => ({
  leaf: doctor(anchor).certificate,
  candidates: [],
  anchors: [anchor.certificate],
});
const constrained = (nameConstraints: NonNullable<ExtensionParts['nameConstraints']>) => under({ nameConstraints });
const sha1 = sequence(oid('1.2.840.10045.4.1'));
const forged = (): Certificate => doctor({ ...middle, key: ecKey() }).certificate;
const IN = { directoryName: named('SHIKEN TARO').slice(0, 2) };

const cycle = ((): Given => {
  const [one, two] = [ecKey(), ecKey()];
  const first = authority('One', { ...authority('Two', undefined, {}, { key: two }) }, {}, { key: one });
  const second = authority('Two', first, {}, { key: two });
  return { leaf: doctor(first).certificate, candidates: [first.certificate, second.certificate] };
})();

const deep = ((): Given => {
  const chain = [authority('CA 0', root)];
  for (let at = 1; at < 12; at += 1) chain.push(authority(`CA ${at}`, chain.at(-1)!));
  return { leaf: doctor(chain.at(-1)!).certificate, candidates: chain.map(({ certificate }) => certificate) };
})();

const tooLong = ((): Given => {
  const below = authority('Below', middle);
  return { leaf: doctor(below).certificate, candidates: [middle.certificate, below.certificate] };
})();

const pathLengthOfRoot = ((): Given => {
  const short = authority('Short root', undefined, { basicConstraints: { ca: true, pathLength: 0 } });
  const below = authority('Below', short);
  return { leaf: doctor(below).certificate, candidates: [below.certificate], anchors: [short.certificate] };
})();

const bad: readonly Bad[] = [
  { code: 'NO_ANCHOR', why: 'nothing is at hand', given: { leaf: leaf.certificate, candidates: [] } },
  {
    code: 'NO_ANCHOR',
    why: 'there are no anchors',
    given: { leaf: leaf.certificate, anchors: [] },
    fault: 'Issuing CA',
  },
  {
    code: 'NO_ANCHOR',
    why: 'the anchors are others',
    given: { leaf: leaf.certificate, anchors: [other.certificate] },
    fault: 'Issuing CA',
  },
  {
    code: 'NO_ANCHOR',
    why: 'the authority has renewed its key, and its old certificate is not at hand',
    given: { leaf: leaf.certificate, candidates: [authority('Issuing CA', root).certificate] },
  },
  {
    code: 'UNTRUSTED_ROOT',
    why: 'the root is at hand, but is no anchor',
    given: { leaf: leaf.certificate, candidates: [middle.certificate, root.certificate], anchors: [other.certificate] },
    fault: 'Root',
  },
  {
    code: 'UNTRUSTED_ROOT',
    why: 'the root has the name of the anchor, but another key',
    given: (() => {
      const twin = authority('Root', undefined);
      return { leaf: doctor(twin).certificate, candidates: [twin.certificate] };
    })(),
  },
  {
    code: 'UNTRUSTED_ROOT',
    why: 'it is self-signed',
    given: { leaf: party('Self', undefined).certificate },
  },
  {
    code: 'NAME_CHAINING',
    why: 'the key of the issuer is certified under another name',
    given: { leaf: leaf.certificate, candidates: [authority('Renamed', root, {}, { key: middle.key }).certificate] },
  },
  { code: 'SIGNATURE_WRONG', why: 'it is forged in the name of the authority', given: { leaf: forged() } },
  {
    code: 'SIGNATURE_WRONG',
    why: 'the authority is forged in the name of the anchor',
    given: (() => {
      const fake = authority('Issuing CA', { ...root, key: ecKey() });
      return { leaf: doctor(fake).certificate, candidates: [fake.certificate] };
    })(),
    fault: 'Issuing CA',
  },
  {
    code: 'SIGNATURE_WRONG',
    why: 'the self-signature of the anchor is broken',
    given: anchored(authority('Broken', undefined, {}, { sign: () => Uint8Array.of(1, 2, 3) })),
    fault: 'Broken',
  },
  { code: 'LEAF_IS_ANCHOR', why: 'it is the anchor', given: { leaf: root.certificate } },
  {
    code: 'LEAF_IS_ANCHOR',
    why: 'it has name and key of the anchor',
    given: { leaf: party('Root', undefined, { key: root.key }).certificate },
  },
  { code: 'NOT_YET_VALID', why: 'it is not yet valid', given: leafWith({}, { notBefore: NOON + 1000 }) },
  { code: 'EXPIRED', why: 'it is expired', given: leafWith({}, { notAfter: NOON - 1000 }), fault: 'SHIKEN TARO' },
  {
    code: 'NOT_YET_VALID',
    why: 'the authority is not yet valid',
    given: under({}, { notBefore: NOON + 1000 }),
    fault: 'Faulty CA',
  },
  { code: 'EXPIRED', why: 'the authority is expired', given: under({}, { notAfter: NOON - 1000 }), fault: 'Faulty CA' },
  {
    code: 'EXPIRED',
    why: 'the anchor is expired',
    given: anchored(authority('Ended', undefined, {}, { notAfter: NOON - 1000 })),
    fault: 'Ended',
  },
  { code: 'NOT_A_CA', why: 'a doctor issues', given: under({ basicConstraints: { ca: false } }), fault: 'Faulty CA' },
  {
    code: 'NOT_A_CA',
    why: 'the authority has no basicConstraints',
    given: (() => {
      const faulty = party('Faulty CA', root, { extensions: { keyUsage: ['keyCertSign'] } });
      return { leaf: doctor(faulty).certificate, candidates: [faulty.certificate] };
    })(),
  },
  {
    code: 'NOT_A_CA',
    why: 'the authority is of version 1',
    given: under({}, { version: 1 }),
  },
  { code: 'NOT_A_CA', why: 'the anchor of version 3 is none', given: anchored(party('Plain', undefined)) },
  {
    code: 'NO_KEY_CERT_SIGN',
    why: 'the key of the authority is for other uses',
    given: under({ keyUsage: ['cRLSign'] }),
  },
  {
    code: 'NO_KEY_CERT_SIGN',
    why: 'the authority has no keyUsage',
    given: (() => {
      const faulty = party('Faulty CA', root, { extensions: { basicConstraints: { ca: true } } });
      return { leaf: doctor(faulty).certificate, candidates: [faulty.certificate] };
    })(),
  },
  {
    code: 'NO_KEY_CERT_SIGN',
    why: 'the key of the anchor is for other uses',
    given: anchored(authority('No', undefined, { keyUsage: ['cRLSign'] })),
  },
  { code: 'PATH_LENGTH', why: 'an authority allows none below it', given: tooLong, fault: 'Below' },
  { code: 'PATH_LENGTH', why: 'the anchor allows none below it', given: pathLengthOfRoot, fault: 'Below' },
  { code: 'UNKNOWN_CRITICAL_EXTENSION', why: 'it has one', given: leafWith(unknown), fault: 'SHIKEN TARO' },
  { code: 'UNKNOWN_CRITICAL_EXTENSION', why: 'the authority has one', given: under(unknown), fault: 'Faulty CA' },
  {
    code: 'UNKNOWN_CRITICAL_EXTENSION',
    why: 'the anchor has one',
    given: anchored(authority('Odd', undefined, unknown)),
  },
  {
    code: 'NAME_CONSTRAINTS',
    why: 'its name is not permitted',
    given: constrained({ permitted: [{ directoryName: named('Else') }] }),
  },
  {
    code: 'NAME_CONSTRAINTS',
    why: 'its name is excluded',
    given: constrained({ permitted: [IN], excluded: [{ directoryName: named('shiken  taro') }] }),
  },
  {
    code: 'NAME_CONSTRAINTS',
    why: 'its other name is excluded',
    given: constrained({ excluded: [{ directoryName: named('試験 太郎') }] }),
  },
  {
    code: 'NAME_CONSTRAINTS',
    why: 'every name is excluded',
    given: constrained({ excluded: [{ directoryName: [] }] }),
  },
  {
    code: 'NAME_CONSTRAINTS',
    why: 'the anchor does not permit it',
    given: anchored(
      authority('Narrow', undefined, { nameConstraints: { permitted: [{ directoryName: named('Else') }] } }),
    ),
  },
  {
    code: 'NAME_CONSTRAINTS',
    why: 'a name has a form of which a constraint is not processed',
    given: (() => {
      const faulty = authority('Faulty CA', root, { nameConstraints: { permitted: [{ dns: 'a.example' }] } });
      const { certificate } = doctor(faulty, { subjectAltName: [{ dns: 'a.example' }] });
      return { leaf: certificate, candidates: [faulty.certificate] };
    })(),
  },
  {
    code: 'NAME_CONSTRAINTS',
    why: 'the subject has an address of which a constraint is not processed',
    given: (() => {
      const faulty = authority('Faulty CA', root, { nameConstraints: { excluded: [{ email: 'x.example' }] } });
      const { certificate } = doctor(faulty, {}, { subject: [['emailAddress', utf8('a@b.example')]] });
      return { leaf: certificate, candidates: [faulty.certificate] };
    })(),
  },
  {
    code: 'POLICY_MAPPING',
    why: 'the authority maps policies',
    given: under({ policyMappings: [['1.2.3', '1.2.4']] }),
  },
  {
    code: 'POLICY_MAPPING',
    why: 'it maps policies',
    given: leafWith({ policyMappings: [['1.2.3', '1.2.4']], critical: { policyMappings: false } }),
  },
  {
    code: 'POLICY_REQUIRED',
    why: 'the authority requires a policy that it does not have',
    given: under({ policyConstraints: { requireExplicitPolicy: 0 } }),
    fault: 'SHIKEN TARO',
  },
  {
    code: 'PURPOSE',
    why: 'it is not for the purpose',
    given: { leaf: leaf.certificate, purpose: TIME_STAMPING },
    fault: 'SHIKEN TARO',
  },
  {
    code: 'PURPOSE',
    why: 'the authority is not for the purpose',
    given: (() => {
      const faulty = authority('Faulty CA', root, { extendedKeyUsage: ['1.3.6.1.5.5.7.3.4'] });
      const { certificate } = party('TSU', faulty, { extensions: { extendedKeyUsage: [TIME_STAMPING] } });
      return { leaf: certificate, candidates: [faulty.certificate], purpose: TIME_STAMPING };
    })(),
    fault: 'Faulty CA',
  },
  {
    code: 'HASH_WEAK',
    why: 'it is signed with SHA-1',
    given: leafWith({}, { innerAlgorithm: sha1, outerAlgorithm: sha1 }),
  },
  {
    code: 'HASH_WEAK',
    why: 'the authority is signed with SHA-1',
    given: under({}, { innerAlgorithm: sha1, outerAlgorithm: sha1 }),
    fault: 'Faulty CA',
  },
  { code: 'KEY_WEAK', why: 'its key is RSA of 1024 bits', given: leafWith({}, { key: rsaKey(1024) }) },
  {
    code: 'KEY_UNKNOWN',
    why: 'its key is on a curve that is not accepted',
    given: leafWith({}, { key: ecKey('secp256k1') }),
  },
  {
    code: 'KEY_UNKNOWN',
    why: 'its key is Ed25519',
    given: leafWith({}, { key: generateKeyPairSync('ed25519').privateKey }),
  },
  {
    code: 'KEY_WEAK',
    why: 'the key of the authority is RSA with exponent 3',
    given: (() => {
      const key = rsaKey(2048, 3);
      const faulty = authority('Faulty CA', root, {}, { key });
      const signed = doctor(faulty, {}, { scheme: { kind: 'rsa-pkcs1', hash: 'sha256' } });
      return { leaf: signed.certificate, candidates: [faulty.certificate] };
    })(),
    fault: 'Faulty CA',
  },
  { code: 'CYCLE', why: 'authorities certify each other', given: cycle },
  { code: 'SEARCH_LIMIT', why: 'the chain is longer than any', given: deep },
];

describe('no path', () => {
  it.each(bad)('$code: $why', ({ code, given, fault }) => {
    const found = build(given);
    expect(found).toMatchObject({ ok: false, code });
    if (!found.ok && fault !== undefined) {
      expect(found.certificate.subject.rdns.at(-1)![0]!.text).toBe(fault);
      expect(found.detail.length).toBeGreaterThan(0);
    }
  });
});

describe('what tells most', () => {
  it('is the fault of a path that reaches the anchor', () => {
    const faulty = under({}, { notAfter: NOON - DAY });
    const more = [middle, authority('Faulty CA', other), authority('Faulty CA', undefined)];
    const candidates = [...faulty.candidates!, ...more.map(({ certificate }) => certificate)];
    expect(outcome({ ...faulty, candidates })).toBe('EXPIRED');
  });

  it('is not that some other certificate of the same name did not sign', () => {
    const namesake = authority('Issuing CA', other, { subjectKeyIdentifier: false });
    const candidates = [namesake.certificate, middle.certificate];
    expect(outcome({ leaf: leaf.certificate, candidates, anchors: [other.certificate] })).toBe('NO_ANCHOR');
  });
});

describe('name constraints', () => {
  it.each([
    ['a subtree that it is in', { permitted: [IN] }],
    ['one of several subtrees', { permitted: [{ directoryName: named('Else') }, IN] }],
    ['another excluded subtree', { permitted: [IN], excluded: [{ directoryName: named('Else') }] }],
    ['forms that its names do not have', { permitted: [{ dns: 'a.example' }], excluded: [{ ip: new Uint8Array(8) }] }],
  ])('let %s', (_, nameConstraints) => {
    expect(outcome(under({ nameConstraints }))).toHaveLength(3);
  });

  it('do not hold for a self-issued certificate between, but hold below it', () => {
    const first = authority('First', root, { nameConstraints: { permitted: [{ directoryName: [['C', 'XX']] }] } });
    const again = authority('First', first);
    const candidates = [first.certificate, again.certificate];
    const inside = doctor(
      again,
      { subjectAltName: [{ directoryName: [['C', 'XX']] }] },
      {
        subject: [
          ['C', 'XX'],
          ['CN', 'x'],
        ],
      },
    );
    expect(outcome({ leaf: inside.certificate, candidates })).toHaveLength(4);
    expect(outcome({ leaf: doctor(again).certificate, candidates })).toBe('NAME_CONSTRAINTS');
  });
});

describe('policies', () => {
  const ANY = '2.5.29.32.0';
  /** Of the authority, and of the leaf. */
  function policies(
    above: readonly string[] | undefined,
    below: readonly string[] | undefined,
    more: ExtensionParts = {},
  ) {
    const issuer = authority('CA', root, { ...more, ...(above && { certificatePolicies: above }) });
    const issued = party('x', issuer, { extensions: below ? { certificatePolicies: below } : {} });
    const found = build({ leaf: issued.certificate, candidates: [issuer.certificate] });
    return found.ok ? [...found.policies].toSorted() : found.code;
  }

  it.each([
    ['the same', [DOCTOR_POLICY], [DOCTOR_POLICY], {}, [DOCTOR_POLICY]],
    ['some of several', ['1.2.3', '1.2.4'], ['1.2.4', '1.2.5'], {}, ['1.2.4']],
    ['any, then one', [ANY], ['1.2.3'], {}, ['1.2.3']],
    ['any and one, then another', [ANY, '1.2.3'], ['1.2.4'], {}, ['1.2.4']],
    ['one, then any', ['1.2.3'], [ANY], {}, ['1.2.3']],
    ['any, then any', [ANY], [ANY], {}, [ANY]],
    ['others', ['1.2.3'], ['1.2.4'], {}, []],
    ['none above', undefined, ['1.2.3'], {}, []],
    ['none below', ['1.2.3'], undefined, {}, []],
    ['any, which may not count below', ['1.2.3'], [ANY], { inhibitAnyPolicy: 0 }, []],
    ['any, which may still count once', ['1.2.3'], [ANY], { inhibitAnyPolicy: 1 }, ['1.2.3']],
    ['one that is required', ['1.2.3'], ['1.2.3'], { policyConstraints: { requireExplicitPolicy: 0 } }, ['1.2.3']],
    [
      'others where one is required',
      ['1.2.3'],
      ['1.2.4'],
      { policyConstraints: { requireExplicitPolicy: 0 } },
      'POLICY_REQUIRED',
    ],
    [
      'others where one is required for longer paths',
      ['1.2.3'],
      ['1.2.4'],
      { policyConstraints: { requireExplicitPolicy: 2 } },
      [],
    ],
    [
      'any that may not count, where one is required',
      ['1.2.3'],
      [ANY],
      { inhibitAnyPolicy: 0, policyConstraints: { requireExplicitPolicy: 1 } },
      'POLICY_REQUIRED',
    ],
  ] as const)('%s', (_, above, below, more, expected) => {
    expect(policies(above, below, more)).toEqual(expected);
  });

  it('may be required by the leaf itself', () => {
    expect(outcome(leafWith({ policyConstraints: { requireExplicitPolicy: 0 } }))).toBe('POLICY_REQUIRED');
    expect(outcome(leafWith({ policyConstraints: { requireExplicitPolicy: 1 } }))).toEqual(GOOD);
  });

  it('of the anchor are not asked for', () => {
    expect(build({ leaf: doctor(root).certificate })).toMatchObject({ ok: true, policies: new Set([DOCTOR_POLICY]) });
  });
});
