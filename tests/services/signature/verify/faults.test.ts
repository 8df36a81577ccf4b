import { children, context, integer, octets, oid, readDer, sequence, set } from '../../../../src/pki/der.ts';
import { decide, verify } from '../../../../src/services/signature/verify/index.ts';
import { authorities } from '../../../support/signature/authorities.ts';
import { crlOf, listsAt } from '../../../support/signature/lists.ts';
import { sampleLetter } from '../../../support/signature/sample-letter.ts';
import { archiveTimestamp, changeByte, type SignLetter } from '../../../support/signature/sign-letter.ts';
import { signers } from '../../../support/signature/signers.ts';
import { stampers } from '../../../support/signature/stampers.ts';
import { DAY, HOUR, SIGNED_AT } from '../../../support/signature/times.ts';
import { stampedBy } from '../../../support/signature/timestamp-authority.ts';
import { BOUND, question } from '../../../support/signature/trust.ts';
import { ISSUED, judge, letter, stamp, told, unstamped } from './ask.ts';

const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';

/** The attributes without, or with another value of, one of them. */
const attributes =
  (type: string, ...instead: readonly Uint8Array[]) =>
  (der: Uint8Array): Uint8Array => {
    const isType = (bytes: Uint8Array) => Buffer.from(bytes).includes(Buffer.from(oid(type)));
    const others = children(readDer(der)).filter(({ bytes }) => !isType(bytes));
    return set(...others.map(({ bytes }) => bytes), ...instead);
  };

describe('a letter that is not as issued', () => {
  it('is INVALID when any byte of it was changed, wherever', async () => {
    const submitted = Buffer.from(await letter());
    const inText = changeByte(submitted, submitted.indexOf('Referral'));
    expect(told(judge(inText))).toEqual({
      'issued-bytes': 'failed WRONG_DOCUMENT',
      'message-digest': 'failed DIGEST_MISMATCH',
    });
    const inDictionary = changeByte(submitted, submitted.indexOf('/SubFilter') + 1);
    expect(judge(inDictionary).result).toBe('INVALID');
  });

  it('is INVALID when it is another letter, however well signed', async () => {
    const other = await letter({ pdf: sampleLetter({ text: 'Another letter' }) });
    expect(told(judge(other))).toEqual({ 'issued-bytes': 'failed WRONG_DOCUMENT' });
    expect(judge(other).result).toBe('INVALID');
  });

  it('is undecided when it is not known what was issued', async () => {
    const verdict = decide(verify({ ...question({ submitted: await letter(), issued: undefined }) }), BOUND);
    expect(told(verdict)).toEqual({ 'issued-bytes': 'undecided NO_ISSUED_DOCUMENT' });
    expect(verdict.result).toBe('INDETERMINATE');
  });

  it.each([
    ['the letter as issued', ISSUED, { 'signature-field': 'failed NO_SIGNATURE' }],
    ['half of it', ISSUED.subarray(0, 400), { 'issued-bytes': 'failed TRUNCATED' }],
  ])('is INVALID when it is not signed: %s', (_, submitted, codes) => {
    const verdict = judge(submitted);
    expect(told(verdict)).toMatchObject(codes);
    expect(verdict.result).toBe('INVALID');
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['something else', Buffer.from('GIF89a')],
    ['zeros', new Uint8Array(10_000)],
  ])('is never VALID when it is no PDF: %s', (_, submitted) => {
    expect(judge(submitted).result).not.toBe('VALID');
  });

  it('is INVALID when something was added after the signature', async () => {
    const submitted = await letter({ faults: { file: (file) => Buffer.concat([file, Buffer.from('% more\n')]) } });
    expect(judge(submitted).result).toBe('INVALID');
    expect(told(judge(submitted))['after-signature']).toMatch(/^failed /);
  });
});

describe('a signature value', () => {
  const wrong: [string, Partial<SignLetter>, Record<string, string>][] = [
    [
      'another digest',
      { faults: { messageDigest: (digest) => changeByte(digest, 0) } },
      { 'message-digest': 'failed DIGEST_MISMATCH' },
    ],
    [
      'a value that is not the key’s',
      { faults: { signature: (value) => changeByte(value, -1) } },
      { signature: 'failed SIGNATURE_INVALID' },
    ],
    [
      'no ESS attribute',
      { faults: { attributes: attributes(SIGNING_CERTIFICATE_V2) } },
      { 'signing-certificate': 'failed ESS_MISSING' },
    ],
    [
      'no ESS attribute, in the older form',
      { subFilter: 'adbe.pkcs7.detached', faults: { attributes: attributes(SIGNING_CERTIFICATE_V2) } },
      { 'signing-certificate': 'noted ESS_ABSENT_LEGACY' },
    ],
    ['no digest', { faults: { attributes: attributes(MESSAGE_DIGEST) } }, { cms: 'failed CMS_ATTRIBUTE_MISSING' }],
    [
      'a malformed ESS attribute',
      {
        faults: {
          attributes: attributes(SIGNING_CERTIFICATE_V2, sequence(oid(SIGNING_CERTIFICATE_V2), set(integer(1)))),
        },
      },
      { 'signing-certificate': 'failed ESS_MALFORMED' },
    ],
    [
      'an attribute twice',
      {
        faults: {
          attributes: (der) =>
            set(
              ...children(readDer(der)).map(({ bytes }) => bytes),
              sequence(oid(MESSAGE_DIGEST), set(octets(new Uint8Array(32)))),
            ),
        },
      },
      { cms: 'failed CMS_MALFORMED' },
    ],
    ['garbage', { faults: { cms: () => Uint8Array.of(0x30, 0x80, 0, 0) } }, { cms: 'failed CMS_MALFORMED' }],
    [
      'something after it',
      { faults: { cms: (cms) => Buffer.concat([cms, Uint8Array.of(1)]) } },
      { cms: 'failed CMS_MALFORMED' },
    ],
    ['no certificate', { certificates: [] }, { cms: 'failed CMS_CERTIFICATE_MISSING' }],
    [
      'unsorted attributes',
      {
        faults: {
          attributes: (der) => {
            const reversed = children(readDer(der)).map(({ bytes }) => bytes);
            return Uint8Array.from([
              ...der.subarray(0, der.length - reversed.reduce((sum, { length }) => sum + length, 0)),
              ...Buffer.concat(reversed.toReversed()),
            ]);
          },
        },
      },
      { cms: 'failed CMS_MALFORMED' },
    ],
    [
      'CMSAlgorithmProtection that says something else',
      {
        faults: {
          attributes: (der) =>
            set(
              ...children(readDer(der)).map(({ bytes }) => bytes),
              sequence(
                oid('1.2.840.113549.1.9.52'),
                set(sequence(sequence(oid('2.16.840.1.101.3.4.2.2')), context(1, true, oid('1.2.840.10045.4.3.3')))),
              ),
            ),
        },
      },
      { signature: 'failed CMS_ALGORITHM_PROTECTION' },
    ],
  ];

  it.each(wrong)('%s', async (_, differently, codes) => {
    expect(told(judge(await letter(differently)))).toEqual(codes);
  });

  it('names its own certificate, not another of the same name', async () => {
    const verdict = judge(await letter({ named: signers.doctorRsa.certificate }));
    expect(told(verdict)).toEqual({ 'signing-certificate': 'failed ESS_MISMATCH' });
    expect(verdict.signer).toBeUndefined();
  });
});

describe('a time-stamp', () => {
  const by = (name: keyof typeof stampers, at = SIGNED_AT) => ({ timestamp: stampedBy(stampers[name], { at }) });

  it('must be there', async () => {
    const verdict = judge(await unstamped());
    expect(told(verdict)).toEqual({ timestamp: 'failed TST_MISSING' });
    expect(verdict.signedAt).toBeUndefined();
  });

  it.each([
    ['whose EKU is not critical', () => by('notCritical'), 'failed TST_EKU'],
    ['for another purpose too', () => by('extraPurpose'), 'failed TST_EKU'],
    ['for no purpose', () => by('noPurpose'), 'failed TST_EKU'],
    ['for another key usage', () => by('wrongKeyUsage'), 'failed TST_KEY_USAGE'],
    ['of others', () => by('otherRoot'), 'failed TST_UNTRUSTED'],
    ['expired', () => by('expired'), 'failed TST_CERT_EXPIRED'],
    ['not yet valid', () => by('notYetValid'), 'failed TST_CERT_NOT_YET_VALID'],
    ['of the future', () => by('tsa', SIGNED_AT + 3 * DAY), 'failed TST_FUTURE'],
    ['by a doctor', () => ({ timestamp: stampedBy(signers.doctor, { at: SIGNED_AT }) }), 'failed TST_EKU'],
  ])('must not be by one %s', async (_, timestamp, code) => {
    expect(told(judge(await letter(timestamp())))).toEqual({ timestamp: code });
  });

  it('must not be by one that was revoked before', async () => {
    expect(told(judge(await letter(by('revoked'))))).toEqual({ revocation: 'failed TSA_REVOKED' });
  });

  it('may be a little ahead of our clock', async () => {
    expect(told(judge(await letter(by('tsa', SIGNED_AT + 2 * DAY + 60_000)))).timestamp).toBeUndefined();
  });

  it('must be of this signature', async () => {
    const token = await stamp()(Buffer.from('another signature'));
    expect(told(judge(await letter({ timestamp: () => token })))).toEqual({ timestamp: 'failed TST_IMPRINT' });
  });

  it('must be whole', async () => {
    const broken = { token: (token: Uint8Array) => changeByte(token, -1) };
    expect(told(judge(await letter({ faults: broken })))).toEqual({ timestamp: 'failed TST_SIGNATURE' });
  });

  it('is undecided where no authority is trusted at all', async () => {
    expect(told(judge(await letter(), { trust: { timestampAnchors: [] } }))).toEqual({
      timestamp: 'undecided TST_NO_ANCHOR',
    });
  });

  it('must be sound when it is for the archive, too', async () => {
    const submitted = await letter();
    const later = stampedBy(stampers.next, { at: SIGNED_AT + DAY });
    expect(judge(await archiveTimestamp(submitted, later)).result).toBe('VALID');
    const earlier = stampedBy(stampers.next, { at: SIGNED_AT - DAY });
    expect(told(judge(await archiveTimestamp(submitted, earlier)))).toEqual({ timestamp: 'failed ARCHIVE_TST_ORDER' });
    const other = await later(Buffer.from('other bytes'));
    expect(told(judge(await archiveTimestamp(submitted, later, { token: () => other })))).toEqual({
      timestamp: 'failed ARCHIVE_TST_INVALID',
    });
    const foreign = stampedBy(stampers.otherRoot, { at: SIGNED_AT + DAY });
    expect(told(judge(await archiveTimestamp(submitted, foreign)))).toEqual({
      timestamp: 'failed ARCHIVE_TST_INVALID',
    });
  });
});

describe('a signer', () => {
  it.each([
    ['expired', { path: 'failed CERT_EXPIRED' }],
    ['notYetValid', { path: 'failed CERT_NOT_YET_VALID' }],
    ['otherRoot', { path: 'failed UNTRUSTED' }],
    ['falseIssuer', { path: 'failed UNTRUSTED' }],
    ['tooDeep', { path: 'failed PATH_LENGTH' }],
    ['withoutKeyCertSign', { path: 'failed NO_KEY_CERT_SIGN' }],
    ['notCa', { path: 'failed NOT_A_CA' }],
    ['withoutBasicConstraints', { path: 'failed NOT_A_CA' }],
    ['unknownCritical', { path: 'failed UNKNOWN_CRITICAL_EXTENSION' }],
    ['digitalSignatureOnly', { 'key-usage': 'failed KEY_USAGE' }],
    ['noKeyUsage', { 'key-usage': 'failed KEY_USAGE' }],
    ['noPolicy', { policy: 'failed NOT_HPKI' }],
    ['otherPolicy', { policy: 'failed NOT_HPKI' }],
    ['lookalikePolicy', { policy: 'failed NOT_HPKI' }],
    ['bothPolicies', { policy: 'failed POLICY_REFUSED' }],
    ['authentication', { 'key-usage': 'failed KEY_USAGE', policy: 'failed POLICY_REFUSED' }],
    ['noRole', { role: 'failed ROLE_MISSING' }],
    ['roleMalformed', { role: 'failed ROLE_MISSING' }],
    ['pharmacist', { role: 'failed WRONG_ROLE' }],
    ['dentist', { role: 'failed WRONG_ROLE' }],
    ['revoked', { revocation: 'failed CERT_REVOKED' }],
    ['revokedCa', { revocation: 'failed CA_REVOKED' }],
    ['stolenBefore', { revocation: 'failed CERT_COMPROMISED' }],
  ] as const)('%s', async (name, codes) => {
    const verdict = judge(await letter({ signer: signers[name] }));
    expect(told(verdict)).toEqual(codes);
    expect(verdict.result).toBe('INVALID');
  });

  it('is undecided where no anchor is configured', async () => {
    expect(told(judge(await letter(), { trust: { anchors: [] } }))).toEqual({ path: 'undecided NO_ANCHOR' });
  });

  it('is undecided where no policy is configured', async () => {
    expect(told(judge(await letter(), { trust: { policies: [] } }))).toEqual({ policy: 'undecided NO_POLICY' });
  });

  it('may not sign where no role may', async () => {
    expect(told(judge(await letter(), { roles: [] }))).toEqual({ role: 'failed WRONG_ROLE' });
  });
});

describe('revocation lists', () => {
  const but = (...instead: readonly Uint8Array[]) => {
    const published = listsAt(SIGNED_AT + HOUR).filter((_, index) => index !== 1);
    return { trust: { crls: [...published, ...instead] } };
  };
  const at = SIGNED_AT + HOUR;

  it('are left as they are by this', async () => {
    expect(told(judge(await letter(), but(crlOf(authorities.signing, at))))).toEqual({});
  });

  it.each([
    ['none', () => [], 'CRL_MISSING'],
    [
      'one by another key',
      () => [
        crlOf(authorities.signing, at, {
          issuer: { key: authorities.root.key, name: authorities.signing.x509.subject.der },
        }),
      ],
      'CRL_SIGNATURE_WRONG',
    ],
    ['a delta', () => [crlOf(authorities.signing, at, { deltaBase: 1n })], 'CRL_DELTA'],
    [
      'an indirect one',
      () => [crlOf(authorities.signing, at, { issuingDistributionPoint: { indirectCRL: true } })],
      'CRL_INDIRECT',
    ],
    [
      'one of authorities alone',
      () => [crlOf(authorities.signing, at, { issuingDistributionPoint: { onlyContainsCACerts: true } })],
      'CRL_OUT_OF_SCOPE',
    ],
    [
      'one of some reasons',
      () => [crlOf(authorities.signing, at, { issuingDistributionPoint: { someReasons: true } })],
      'CRL_SOME_REASONS',
    ],
    ['one of the future', () => [crlOf(authorities.signing, at + 30 * DAY)], 'CRL_FROM_FUTURE'],
    ['an old one', () => [crlOf(authorities.signing, at - 30 * DAY)], 'CRL_STALE'],
    [
      'one with something critical',
      () => [
        crlOf(authorities.signing, at, {
          raw: [{ oid: '1.2.392.200000.9', critical: true, value: Uint8Array.of(5, 0) }],
        }),
      ],
      'CRL_UNKNOWN_CRITICAL_EXTENSION',
    ],
    ['garbage', () => [Uint8Array.of(0x30, 0)], 'CRL_MISSING'],
  ] as const)('leave it undecided: %s', async (_, lists, code) => {
    const verdict = judge(await letter(), but(...lists()));
    expect(told(verdict)).toEqual({ revocation: `undecided ${code}` });
    expect(verdict.result).toBe('INDETERMINATE');
  });

  it('are needed of every certificate: of the authority and of the time-stamp, too', async () => {
    const submitted = await letter();
    for (const index of [0, 1, 5]) {
      const crls = listsAt(at).filter((_, one) => one !== index);
      expect(told(judge(submitted, { trust: { crls } }))).toEqual({ revocation: 'undecided CRL_MISSING' });
    }
  });
});
