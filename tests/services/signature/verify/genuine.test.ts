import { CHECKS } from '../../../../src/services/signature/verdict.ts';
import { decide, verify } from '../../../../src/services/signature/verify/index.ts';
import { authorities } from '../../../support/signature/authorities.ts';
import { crlOf, listsAt } from '../../../support/signature/lists.ts';
import { archiveTimestamp } from '../../../support/signature/sign-letter.ts';
import { signers } from '../../../support/signature/signers.ts';
import { stampers } from '../../../support/signature/stampers.ts';
import { DAY, HOUR, SIGNED_AT, VERIFIED_AT, YEAR } from '../../../support/signature/times.ts';
import { stampedBy } from '../../../support/signature/timestamp-authority.ts';
import { BOUND, question } from '../../../support/signature/trust.ts';
import { ISSUED, judge, letter, stamp, told } from './ask.ts';

describe('a genuine letter', () => {
  it.each([
    ['RSA with PKCS #1 v1.5', { signer: () => signers.doctorRsa }],
    ['RSA with PKCS #1 v1.5 and SHA-512', { signer: () => signers.doctorRsa, hash: 'sha512' }],
    ['RSASSA-PSS', { signer: () => signers.doctorRsa, pss: true }],
    ['RSASSA-PSS with SHA-384', { signer: () => signers.doctorRsa, pss: true, hash: 'sha384' }],
    ['a key for RSASSA-PSS alone', { signer: () => signers.doctorPss }],
    ['ECDSA on P-256', { signer: () => signers.doctor }],
    ['ECDSA on P-384', { signer: () => signers.doctorP384 }],
    ['another issuing authority', { signer: () => signers.secondDoctor }],
    ['a role in one SET', { signer: () => signers.roleInOneSet }],
  ] as const)('is VALID, every check passed: %s', async (_, { signer, ...how }) => {
    const verdict = judge(await letter({ signer: signer(), ...how }));
    expect(told(verdict)).toEqual({});
    expect(verdict.checks.map(({ name }) => name)).toEqual([...CHECKS]);
    expect(verdict.result).toBe('VALID');
  });

  it('is at best INDETERMINATE until its signer is known', async () => {
    const verdict = verify(question({ submitted: await letter(), issued: ISSUED }));
    expect(verdict.result).toBe('INDETERMINATE');
    expect(verdict.checks.filter(({ status }) => status !== 'passed').map(({ name }) => name)).toEqual(['binding']);
    const refused = decide(verdict, { ...BOUND, status: 'failed', code: 'SIGNER_REFUSED' });
    expect(refused.result).toBe('INVALID');
    expect(decide(verdict, BOUND).result).toBe('VALID');
    expect(() => decide(verdict, { ...BOUND, name: 'path' })).toThrow(TypeError);
  });

  it('says who signed and when, and on what the verdict stands', async () => {
    const signer = signers.doctorRsa;
    const verdict = judge(await letter({ signer }));
    expect(verdict.signedAt).toBe(SIGNED_AT);
    expect(verdict.signer).toMatchObject({
      name: '試験 髙﨑',
      roles: ['Medical Doctor'],
      serial: signer.x509.serialHex,
      notAfter: signer.x509.notAfter,
    });
    expect(verdict.signer?.subject).toContain('SHIKEN Aruesuee');
    const { certificates, crls, timestamp } = verdict.evidence;
    const bytes = (one: { certificate: Uint8Array }) => Buffer.from(one.certificate).toString('hex');
    expect(certificates.map((one) => Buffer.from(one).toString('hex'))).toEqual(
      [signer, authorities.signing, authorities.root, stampers.tsa, authorities.timestampRoot].map(bytes),
    );
    expect(crls).toHaveLength(3);
    expect(timestamp?.length).toBeGreaterThan(500);
    expect(verdict.renewBefore).toBe(stampers.tsa.x509.notAfter);
    expect(verdict.recheckAfter).toBeUndefined();
  });

  it('says the same again from what was kept', async () => {
    const submitted = await letter();
    const first = judge(submitted);
    const again = judge(submitted, { trust: { crls: first.evidence.crls, intermediates: [] } });
    expect(again).toEqual(first);
    expect(judge(submitted)).toEqual(first);
  });

  it('may be of the older form that vendors make', async () => {
    const verdict = judge(await letter({ subFilter: 'adbe.pkcs7.detached' }));
    expect(told(verdict)).toEqual({});
    expect(verdict.result).toBe('VALID');
  });

  it('may be a dentist’s, where dentists may sign', async () => {
    const submitted = await letter({ signer: signers.dentist });
    expect(judge(submitted, { roles: ['Medical Doctor', 'Dentist'] }).result).toBe('VALID');
    expect(told(judge(submitted))).toEqual({ role: 'failed WRONG_ROLE' });
  });

  it('may bring the lists itself', async () => {
    const crls = listsAt(SIGNED_AT + HOUR);
    const submitted = await letter({ dss: { certificates: [], crls } });
    const verdict = judge(submitted, { trust: { crls: [] } });
    expect(told(verdict)).toEqual({});
    expect(verdict.result).toBe('VALID');
  });

  it('may use a key that is also for other things, which is noted', async () => {
    const verdict = judge(await letter({ signer: signers.broadKeyUsage }));
    expect(told(verdict)).toEqual({ 'key-usage': 'noted KEY_USAGE_BROAD' });
    expect(verdict.result).toBe('VALID');
  });
});

describe('time', () => {
  it('lets a certificate be revoked after the signature, and says so', async () => {
    const verdict = judge(await letter({ signer: signers.revokedLater }));
    expect(told(verdict)).toEqual({ revocation: 'noted CERT_REVOKED_LATER' });
    expect(verdict.result).toBe('VALID');
    const after = await letter({ signer: signers.revokedLater, timestamp: stamp(SIGNED_AT + DAY + HOUR) });
    expect(told(judge(after))).toEqual({ revocation: 'failed CERT_REVOKED' });
  });

  it('waits for a list that is newer than the signature', async () => {
    const submitted = await letter();
    const verdict = judge(submitted, { now: SIGNED_AT + HOUR, trust: { crls: listsAt(SIGNED_AT - HOUR) } });
    expect(told(verdict)).toEqual({ revocation: 'noted REVOCATION_PENDING' });
    expect(verdict.result).toBe('VALID');
    expect(verdict.recheckAfter).toBe(SIGNED_AT - HOUR + 3 * DAY);
  });

  it('does not wait for ever: a list older than the signature that has run out says nothing', async () => {
    const verdict = judge(await letter(), { trust: { crls: listsAt(SIGNED_AT - 10 * DAY) } });
    expect(told(verdict)).toEqual({ revocation: 'undecided CRL_STALE' });
    expect(verdict.result).toBe('INDETERMINATE');
  });

  it('keeps a letter VALID when the signer’s certificate has ended, by the lists of its time', async () => {
    const verdict = judge(await letter(), { now: SIGNED_AT + 5 * YEAR, trust: { crls: listsAt(VERIFIED_AT) } });
    expect(told(verdict)).toEqual({});
    expect(verdict.result).toBe('VALID');
  });

  it('is undecided when the time-stamp’s certificate has ended, unless an archive time-stamp was made before', async () => {
    const submitted = await letter({
      timestamp: stampedBy(stampers.ending, { at: SIGNED_AT }),
      dss: { certificates: [], crls: listsAt(VERIFIED_AT) },
    });
    expect(judge(submitted).result).toBe('VALID');
    const now = SIGNED_AT + 2 * YEAR;
    expect(told(judge(submitted, { now }))).toEqual({ timestamp: 'undecided TST_EXPIRED' });

    const archived = await archiveTimestamp(submitted, stampedBy(stampers.next, { at: SIGNED_AT + 300 * DAY }));
    const verdict = judge(archived, { now });
    expect(told(verdict)).toEqual({ timestamp: 'noted ARCHIVED' });
    expect(verdict.result).toBe('VALID');
    expect(verdict.signedAt).toBe(SIGNED_AT);
    expect(verdict.renewBefore).toBe(stampers.next.x509.notAfter);

    const late = await archiveTimestamp(submitted, stampedBy(stampers.next, { at: SIGNED_AT + YEAR + DAY }));
    expect(told(judge(late, { now }))).toEqual({ timestamp: 'undecided TST_EXPIRED' });
  });

  it('forgives an authority that was replaced, not one whose key was stolen', async () => {
    const now = SIGNED_AT + 60 * DAY;
    const crls = [...listsAt(VERIFIED_AT), ...listsAt(now - HOUR)];
    const of = async (name: 'superseded' | 'compromised') =>
      letter({ timestamp: stampedBy(stampers[name], { at: SIGNED_AT }) });
    expect(told(judge(await of('superseded'), { now, trust: { crls } }))).toEqual({
      revocation: 'noted TSA_REVOKED_LATER',
    });
    const stolen = await of('compromised');
    expect(told(judge(stolen, { now, trust: { crls } }))).toEqual({ revocation: 'failed TSA_COMPROMISED' });
    const archived = await archiveTimestamp(stolen, stampedBy(stampers.next, { at: SIGNED_AT + 20 * DAY }));
    const verdict = judge(archived, { now, trust: { crls } });
    expect(told(verdict)).toEqual({ revocation: 'noted TSA_REVOKED_LATER' });
    expect(verdict.result).toBe('VALID');
    const late = await archiveTimestamp(stolen, stampedBy(stampers.next, { at: SIGNED_AT + 40 * DAY }));
    expect(judge(late, { now, trust: { crls } }).result).toBe('INVALID');
  });

  it('takes the newest that any list says, also against what the file brings', async () => {
    const submitted = await letter({
      signer: signers.revoked,
      dss: { certificates: [], crls: [crlOf(authorities.signing, SIGNED_AT - HOUR, { entries: [] })] },
    });
    expect(told(judge(submitted))).toEqual({ revocation: 'failed CERT_REVOKED' });
  });
});
