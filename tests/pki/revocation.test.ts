import fc from 'fast-check';
import type { Certificate } from '../../src/pki/certificate.ts';
import { type Crl, readCrl } from '../../src/pki/crl.ts';
import { oid, sequence } from '../../src/pki/der.ts';
import type { CrlEntryParts } from '../../src/pki/issue.ts';
import { type CertificateStatus, checkRevocation, type RevocationRequest } from '../../src/pki/revocation.ts';
import { authority, DAY, DOCTOR_POLICY, doctor, ecKey, list, NOON, named, type Party, party } from './authorities.ts';

const HOUR = DAY / 24;
const root = authority('Root', undefined);
const middle = authority('Issuing CA', root);
const leaf = doctor(middle);

type ListParts = Parameters<typeof list>[1];

/** Status of the leaf; made at NOON and asked about an hour before that, unless said otherwise. */
function status(crls: readonly Crl[], given: Partial<RevocationRequest> & { readonly of?: Certificate } = {}) {
  const { of = leaf.certificate, ...rest } = given;
  const path = [of, middle.certificate, root.certificate];
  return checkRevocation({ path, crls, at: NOON - HOUR, now: NOON + HOUR, ...rest })[0]!;
}
const lists = (...parts: readonly ListParts[]): readonly Crl[] => parts.map((part) => list(middle, part));
const codes = ({ notes }: CertificateStatus): readonly string[] => notes.map(({ code }) => code);
const entry = (parts: Partial<CrlEntryParts> = {}): CrlEntryParts => ({
  serial: leaf.certificate.serial,
  revocationDate: NOON - 2 * HOUR,
  ...parts,
});

describe('the status of a certificate', () => {
  it('is good by a list that was made at the time or later', () => {
    const [crl] = lists({});
    expect(status([crl!])).toEqual({
      certificate: leaf.certificate,
      state: 'good',
      detail: expect.any(String),
      crl,
      notes: [],
    });
    expect(status([crl!], { at: NOON }).state).toBe('good');
  });

  it('is good by it even years later, when the list is long out of date', () => {
    expect(status(lists({}), { now: NOON + 3000 * DAY }).state).toBe('good');
  });

  it('is pending by a current list that is older, until the next one is due', () => {
    expect(status(lists({}), { at: NOON + HOUR })).toMatchObject({ state: 'pending', recheck: NOON + DAY, notes: [] });
  });

  it('is undecided by an older list that is no longer current', () => {
    const stale = status(lists({}), { at: NOON + HOUR, now: NOON + 2 * DAY });
    expect([stale.state, codes(stale)]).toEqual(['none', ['CRL_STALE']]);
    const before = status(lists({}), { at: NOON + 2 * DAY, now: NOON + 2 * DAY });
    expect([before.state, codes(before)]).toEqual(['none', ['CRL_STALE']]);
  });

  it('is undecided by an older list that does not say until when it is current', () => {
    const endless = status(lists({ nextUpdate: null }), { at: NOON + HOUR });
    expect([endless.state, codes(endless)]).toEqual(['none', ['CRL_NO_NEXT_UPDATE']]);
    expect(status(lists({ nextUpdate: null })).state).toBe('good');
  });

  it('is undecided by the newest list that has run out, though an older one names a later end', () => {
    const endless = { thisUpdate: NOON - 10 * DAY, nextUpdate: NOON + 3000 * DAY };
    const asked = { at: NOON + HOUR, now: NOON + 2 * DAY };
    expect(status(lists(endless), asked).state).toBe('pending');
    const superseded = status(lists({}, endless), asked);
    expect([superseded.state, codes(superseded)]).toEqual(['none', ['CRL_STALE']]);
  });

  it('is undecided without a list, or with others only', () => {
    expect(status([])).toMatchObject({ state: 'none', notes: [] });
    expect(status([list(root), list(authority('Else', undefined))])).toMatchObject({ state: 'none', notes: [] });
  });

  it('is asked of every certificate but the anchor, each by the lists of its own issuer', () => {
    const path = [leaf.certificate, middle.certificate, root.certificate];
    const all = (crls: readonly Crl[]) =>
      checkRevocation({ path, crls, at: NOON - HOUR, now: NOON }).map(({ state }) => state);
    expect(all([list(middle), list(root)])).toEqual(['good', 'good']);
    expect(all([list(middle)])).toEqual(['good', 'none']);
    const arl = list(root, { entries: [{ serial: middle.certificate.serial, revocationDate: NOON - DAY }] });
    expect(all([list(middle), arl])).toEqual(['good', 'revoked']);
  });

  it('of many lists is undecided rather than half read', () => {
    const many = Array.from({ length: 257 }, (_, at) => list({ ...middle, key: ecKey() }, { crlNumber: BigInt(at) }));
    expect(status([...lists({}), ...many]).state).toBe('none');
    expect(status([...lists({}), ...many.slice(2)]).state).toBe('good');
  });

  it('never is good at no time', () => {
    expect(status(lists({}), { at: Number.NaN }).state).toBe('none');
    expect(status(lists({}), { at: NOON + HOUR, now: Number.NaN }).state).toBe('none');
  });
});

describe('a revocation', () => {
  it.each(['unspecified', 'keyCompromise', 'cessationOfOperation', 'certificateHold', 'aACompromise'] as const)(
    'before the time counts: %s',
    (reason) => {
      expect(status(lists({ entries: [entry({ reason })] }))).toMatchObject({
        state: 'revoked',
        revocation: { date: NOON - 2 * HOUR, reason },
      });
    },
  );

  it('at the time counts', () => {
    expect(status(lists({ entries: [entry({ revocationDate: NOON - HOUR })] })).state).toBe('revoked');
  });

  it('after the time is told, and does not count', () => {
    const later = status(lists({ entries: [entry({ revocationDate: NOON - HOUR + 1000, reason: 'keyCompromise' })] }));
    expect(later).toMatchObject({
      state: 'good',
      revocation: { date: NOON - HOUR + 1000, reason: 'keyCompromise' },
    });
  });

  it.each(['keyCompromise', 'cACompromise', 'cessationOfOperation', 'unspecified'] as const)(
    'after the time counts when the certificate was bad before: %s',
    (reason) => {
      const invalid = (invalidityDate: number) =>
        status(lists({ entries: [entry({ revocationDate: NOON, reason, invalidityDate })] })).state;
      expect([invalid(NOON - DAY), invalid(NOON - HOUR), invalid(NOON - HOUR + 1000)]).toEqual([
        'revoked',
        'revoked',
        'good',
      ]);
    },
  );

  it('is not made later by an invalidity date that is later', () => {
    expect(status(lists({ entries: [entry({ invalidityDate: NOON })] })).state).toBe('revoked');
  });

  it('counts in a list that is out of date, that is from the future, or that covers some reasons', () => {
    const entries = [entry()];
    const good = {};
    const old = { thisUpdate: NOON - HOUR, nextUpdate: NOON - HOUR + 1000, entries };
    expect(status(lists(good, old), { at: NOON - HOUR }).state).toBe('revoked');
    const future = status(lists(good, { thisUpdate: NOON + DAY, entries }));
    expect([future.state, codes(future)]).toEqual(['revoked', ['CRL_FROM_FUTURE']]);
    const some = status(lists(good, { issuingDistributionPoint: { someReasons: true }, entries }));
    expect([some.state, codes(some)]).toEqual(['revoked', ['CRL_SOME_REASONS']]);
    const delta = status(lists(good, { deltaBase: 1n, entries }));
    expect([delta.state, codes(delta)]).toEqual(['revoked', ['CRL_DELTA']]);
  });

  it('is neither hidden by an older list nor undone by a newer one', () => {
    const entries = [entry({ reason: 'keyCompromise' })];
    const older = { thisUpdate: NOON - HOUR };
    const newer = { thisUpdate: NOON + HOUR / 2 };
    expect(status(lists({ entries }, older)).state).toBe('revoked');
    expect(status(lists({ entries }, newer)).state).toBe('revoked');
    const removed = { ...newer, entries: [entry({ reason: 'removeFromCRL' as const })] };
    expect(status(lists({ entries }, removed)).state).toBe('revoked');
  });

  it('listed twice counts by the earlier date', () => {
    const entries = [entry({ revocationDate: NOON }), entry({ reason: 'superseded' })];
    expect(status(lists({ entries }))).toMatchObject({ state: 'revoked', revocation: { reason: 'superseded' } });
  });
});

describe('a hold', () => {
  const held = {
    thisUpdate: NOON - 3 * HOUR,
    entries: [entry({ revocationDate: NOON - 4 * HOUR, reason: 'certificateHold' as const })],
  };
  const lifted = { thisUpdate: NOON - HOUR };
  const at = (ms: number, ...parts: ListParts[]) => status(lists(...parts, {}), { at: ms }).state;

  it('counts from its date until the first newer list without it', () => {
    expect(at(NOON - 5 * HOUR, held, lifted)).toBe('good');
    expect(at(NOON - 4 * HOUR, held, lifted)).toBe('revoked');
    expect(at(NOON - HOUR - 1000, held, lifted)).toBe('revoked');
    expect(at(NOON - HOUR, held, lifted)).toBe('good');
  });

  it('is lifted by removeFromCRL, and not by lists that are not complete', () => {
    const removed = { ...lifted, entries: [entry({ reason: 'removeFromCRL' as const })] };
    expect(at(NOON - HOUR, held, removed)).toBe('good');
    const only = (parts: ListParts) => status(lists(held, parts), { at: NOON - HOUR / 2 }).state;
    expect(only({ deltaBase: 1n })).toBe('revoked');
    expect(only({ issuingDistributionPoint: { someReasons: true } })).toBe('revoked');
    expect(only({ issuingDistributionPoint: { onlyContainsCACerts: true } })).toBe('revoked');
  });

  it('that became a revocation counts for ever', () => {
    const revoked = {
      thisUpdate: NOON - 2 * HOUR,
      entries: [entry({ revocationDate: NOON - 4 * HOUR, reason: 'keyCompromise' as const })],
    };
    expect(at(NOON - HOUR, held, revoked, lifted)).toBe('revoked');
  });
});

describe('a list is not used', () => {
  const sha1 = sequence(oid('1.2.840.10045.4.1'));
  const unknown = [{ oid: '1.2.3.4', critical: true, value: Uint8Array.of(5, 0) }];
  const some = [{ serial: 1n, revocationDate: NOON }];
  it.each<readonly [string, Crl]>([
    ['CRL_SIGNATURE_WRONG', list({ ...middle, key: ecKey() })],
    ['CRL_OTHER_KEY', list({ ...middle, key: ecKey() }, { authorityKeyIdentifier: Uint8Array.of(1) })],
    ['CRL_ALGORITHM', list(middle, { innerAlgorithm: sha1, outerAlgorithm: sha1 })],
    ['CRL_UNKNOWN_CRITICAL_EXTENSION', list(middle, { raw: unknown })],
    ['CRL_UNKNOWN_CRITICAL_EXTENSION', list(middle, { entries: [{ ...some[0]!, raw: unknown }] })],
    ['CRL_INDIRECT', list(middle, { issuingDistributionPoint: { indirectCRL: true } })],
    ['CRL_INDIRECT', list(middle, { entries: [{ ...some[0]!, certificateIssuer: named('Else') }] })],
    ['CRL_DELTA', list(middle, { deltaBase: 1n })],
    ['CRL_OUT_OF_SCOPE', list(middle, { issuingDistributionPoint: { onlyContainsCACerts: true } })],
    ['CRL_OUT_OF_SCOPE', list(middle, { issuingDistributionPoint: { onlyContainsAttributeCerts: true } })],
    [
      'CRL_OUT_OF_SCOPE',
      list(middle, { issuingDistributionPoint: { names: [{ uri: 'http://crl.example/else.crl' }] } }),
    ],
    ['CRL_SOME_REASONS', list(middle, { issuingDistributionPoint: { someReasons: true } })],
    ['CRL_FROM_FUTURE', list(middle, { thisUpdate: NOON + HOUR + 6 * 60_000 })],
  ])('%s', (code, crl) => {
    const found = status([crl]);
    expect([found.state, codes(found)]).toEqual(['none', [code]]);
    expect(status([crl, ...lists({})]).state).toBe('good');
  });

  it('when the key of its issuer is not for signing lists', () => {
    const silent = authority('Issuing CA', root, { keyUsage: ['keyCertSign'] }, { key: middle.key });
    const path = [leaf.certificate, silent.certificate, root.certificate];
    const found = status(lists({}), { path });
    expect([found.state, codes(found)]).toEqual(['none', ['CRL_SIGN_MISSING']]);
  });

  it('though it has the right name, when its bytes were changed', () => {
    const { der } = list(middle, { entries: [entry({ serial: 1n })] });
    const at = Buffer.from(der).indexOf(Buffer.from([2, 1, 1, 0x17]));
    expect(at).toBeGreaterThan(0);
    const changed = Uint8Array.from(der);
    changed[at + 2] = 2;
    expect(codes(status([readCrl(changed)]))).toEqual(['CRL_SIGNATURE_WRONG']);
  });
});

describe('the scope of a list', () => {
  const scoped = (
    issuingDistributionPoint: NonNullable<ListParts>['issuingDistributionPoint'],
    of = leaf.certificate,
  ) => status(lists({ issuingDistributionPoint: issuingDistributionPoint! }), { of }).state;
  const uri = (text: string) => ({ names: [{ uri: text }] });

  it('is what its distribution point and kind say', () => {
    expect(scoped(uri('http://crl.example/sign.crl'))).toBe('good');
    expect(scoped({ names: [{ uri: 'http://else/' }, { uri: 'http://crl.example/sign.crl' }] })).toBe('good');
    expect(scoped(uri('http://crl.example/SIGN.crl'))).toBe('none');
    expect(scoped({ onlyContainsUserCerts: true })).toBe('good');
    const ca = authority('Below', middle).certificate;
    expect(scoped({ onlyContainsUserCerts: true }, ca)).toBe('none');
    expect(scoped({ onlyContainsCACerts: true }, ca)).toBe('good');
  });

  it('is the issuer for certificates without distribution point', () => {
    const plain = party('x', middle).certificate;
    expect(scoped({ names: [{ directoryName: named('Issuing CA') }] }, plain)).toBe('good');
    expect(scoped({ names: [{ directoryName: named('Else') }] }, plain)).toBe('none');
    expect(scoped(uri('http://crl.example/sign.crl'), plain)).toBe('none');
  });

  it('needs a distribution point that is not of another issuer, and covers all reasons', () => {
    const point = uri('http://crl.example/sign.crl');
    const pointed = (more: object) => doctor(middle, { crlDistributionPoints: [{ ...point, ...more }] }).certificate;
    expect(scoped(point, pointed({ crlIssuer: [{ directoryName: named('Else') }] }))).toBe('none');
    expect(scoped(point, pointed({ crlIssuer: [{ directoryName: named('Issuing CA') }] }))).toBe('good');
    expect(scoped(point, pointed({ someReasons: true }))).toBe('none');
    expect(status(lists({}), { of: pointed({ someReasons: true }) }).state).toBe('good');
  });
});

describe('an authority whose certificate has ended', () => {
  it('shows revocations, and not that there are none', () => {
    const ended = authority('Ended CA', root, {}, { notAfter: NOON - HOUR / 2 });
    const { certificate } = doctor(ended);
    const path = [certificate, ended.certificate, root.certificate];
    const found = status([list(ended, {})], { path });
    expect([found.state, codes(found)]).toEqual(['none', ['CRL_SIGNER_ENDED']]);
    const entries = [entry({ serial: certificate.serial })];
    expect(status([list(ended, { entries })], { path }).state).toBe('revoked');
    expect(status([list(ended, { thisUpdate: NOON - HOUR / 2 })], { path }).state).toBe('good');
  });
});

describe('a certificate that has expired', () => {
  const short = doctor(middle, {}, { notAfter: NOON - HOUR / 2 });

  it('is not shown to be good by a list that was made afterwards', () => {
    const found = status(lists({}), { of: short.certificate });
    expect([found.state, codes(found)]).toEqual(['none', ['CRL_AFTER_EXPIRY']]);
  });

  it('is, when the list keeps what expired', () => {
    const kept = (since: number) => status(lists({ expiredCertsOnCrl: since }), { of: short.certificate }).state;
    expect([kept(NOON - DAY), kept(NOON)]).toEqual(['good', 'none']);
  });

  it('is revoked by such a list all the same', () => {
    const entries = [{ serial: short.certificate.serial, revocationDate: NOON - DAY }];
    expect(status(lists({ entries }), { of: short.certificate }).state).toBe('revoked');
  });

  it('is not freed from a hold by being left out', () => {
    const entries = [
      { serial: short.certificate.serial, revocationDate: NOON - DAY, reason: 'certificateHold' as const },
    ];
    expect(status(lists({ thisUpdate: NOON - HOUR, entries }, {}), { of: short.certificate }).state).toBe('revoked');
  });
});

describe('a separate signer of lists', () => {
  const signs = (issuer: Party, extensions: object = {}, parts: object = {}): Party =>
    party('Issuing CA', issuer, { extensions: { keyUsage: ['cRLSign'], ...extensions }, ...parts });
  const by = (signer: Party, more: readonly Crl[] = [list(root), list(middle)]) => {
    const entries = [entry()];
    return status([list(signer, { entries }), ...more], { crlSigners: [signer.certificate] });
  };

  it('speaks for the authority above which it stands, when it is in good standing', () => {
    expect(by(signs(root)).state).toBe('revoked');
    expect(by(signs(middle)).state).toBe('revoked');
    const signer = signs(root);
    expect(status([list(signer), list(root)], { crlSigners: [signer.certificate] }).state).toBe('good');
  });

  it.each<readonly [string, Party, string]>([
    ['of another root', signs(authority('Root', undefined)), 'CRL_SIGN_MISSING'],
    [
      'issued by nobody but itself',
      party('Issuing CA', undefined, { extensions: { keyUsage: ['cRLSign'] } }),
      'CRL_SIGN_MISSING',
    ],
    ['without the usage', signs(root, { keyUsage: ['digitalSignature'] }), 'CRL_SIGN_MISSING'],
    ['without any usage', party('Issuing CA', root), 'CRL_SIGN_MISSING'],
    ['expired', signs(root, {}, { notAfter: NOON - DAY }), 'CRL_SIGN_MISSING'],
    [
      'with an unknown critical extension',
      signs(root, { raw: [{ oid: '1.2.3', critical: true, value: Uint8Array.of(5, 0) }] }),
      'CRL_SIGN_MISSING',
    ],
  ])('does not, %s', (_, signer, code) => {
    const found = by(signer);
    expect([found.state, codes(found)]).toEqual(['good', [code]]);
  });

  it('does not under another name', () => {
    const doctorAsSigner = doctor(middle, { keyUsage: ['cRLSign'], certificatePolicies: [DOCTOR_POLICY] });
    const forged = list({ ...doctorAsSigner, name: middle.certificate.subject.der });
    const found = status([forged], { crlSigners: [doctorAsSigner.certificate] });
    expect([found.state, codes(found)]).toEqual(['none', ['CRL_OTHER_KEY']]);
  });

  it('does not when it is revoked, at any time, or of unknown standing', () => {
    const signer = signs(root);
    const revoked = (revocationDate: number) =>
      list(root, { entries: [{ serial: signer.certificate.serial, revocationDate }] });
    const alone = (more: readonly Crl[]) => {
      const found = status([list(signer), ...more], { crlSigners: [signer.certificate] });
      return [found.state, ...codes(found)];
    };
    expect(alone([revoked(NOON - DAY)])).toEqual(['none', 'CRL_SIGNER_REVOKED']);
    expect(alone([revoked(NOON + HOUR)])).toEqual(['none', 'CRL_SIGNER_REVOKED']);
    expect(alone([])).toEqual(['none', 'CRL_SIGNER_REVOKED']);
    expect(alone([list(signer, { thisUpdate: NOON + 1000 })])).toEqual([
      'none',
      'CRL_SIGNER_REVOKED',
      'CRL_SIGNER_REVOKED',
    ]);
  });
});

describe('laws', () => {
  const part = fc.record({
    thisUpdate: fc.integer({ min: -6, max: 2 }).map((hours) => NOON + hours * HOUR),
    reason: fc.constantFrom('keyCompromise', 'certificateHold', 'removeFromCRL', undefined, undefined),
    revoked: fc.integer({ min: -6, max: 2 }).map((hours) => NOON + hours * HOUR),
    forged: fc.boolean(),
  });
  type Part = typeof part extends fc.Arbitrary<infer T> ? T : never;
  const attacker = ecKey();
  const made = ({ thisUpdate, reason, revoked, forged }: Part, at: number) =>
    list(forged ? { ...middle, key: attacker } : middle, {
      thisUpdate,
      nextUpdate: thisUpdate + DAY,
      crlNumber: BigInt(at + 1),
      ...(reason && { entries: [entry({ revocationDate: revoked, reason })] }),
    });

  it('the order of lists is of no importance', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), fc.integer({ min: -6, max: 1 }), (parts, hours) => {
        const crls = parts.map(made);
        const at = NOON + hours * HOUR;
        const forwards = status(crls, { at });
        const backwards = status(crls.toReversed(), { at });
        expect([backwards.state, backwards.recheck]).toEqual([forwards.state, forwards.recheck]);
      }),
      { numRuns: 60 },
    );
  });

  it('a forged list changes nothing, and no list at all makes a permanent revocation undone', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        const crls = parts.map(made);
        const genuine = crls.filter((_, at) => !parts[at]!.forged);
        const { state } = status(crls);
        expect(state).toBe(status(genuine).state);
        const revoked = parts.some(
          (given) => !given.forged && given.reason === 'keyCompromise' && given.revoked <= NOON - HOUR,
        );
        if (revoked) expect(state).toBe('revoked');
      }),
      { numRuns: 60 },
    );
  });
});
