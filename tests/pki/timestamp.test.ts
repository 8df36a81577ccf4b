import fc from 'fast-check';
import { digest, HASHES, type Hash, schemeFor, sign, writeDigestAlgorithm } from '../../src/pki/algorithms.ts';
import { ATTRIBUTES, DATA, signedAttributes, signedDataWith } from '../../src/pki/cms.ts';
import {
  boolean,
  concat,
  context,
  DerError,
  generalizedTime,
  integer,
  namedBits,
  nil,
  octets,
  oid,
  readDer,
  sequence,
  set,
  utf8,
} from '../../src/pki/der.ts';
import { readOutline } from '../../src/pki/outline.ts';
import {
  differsFromRequest,
  FAILURES,
  type Failure,
  issueTimestamp,
  readTimestampRequest,
  readTimestampResponse,
  readTimestampToken,
  rejectedResponse,
  TST_INFO,
  timestampCertificate,
  timestampRequest,
  verifyTimestampToken,
} from '../../src/pki/timestamp.ts';
import { named, signatory } from './material.ts';

const stamped = Buffer.from('a signature value');
const imprint = digest('sha256', stamped);
const policy = '1.2.392.200091.100.999';
const now = Date.UTC(2026, 3, 1, 9, 30, 15, 250);
const authority = signatory('P-256', { purpose: 'time-stamping', name: 'Authority' });
const twin = signatory('P-256', { purpose: 'time-stamping', name: 'Authority', serial: 4712n });
const answer = (request: Uint8Array, more: object = {}) =>
  readTimestampResponse(issueTimestamp(request, { ...authority, policy, now, serial: 42n, ...more }));
const tokenFor = (request: Uint8Array, more: object = {}) => readTimestampToken(answer(request, more).token!);
const good = { data: [stamped] };

const hashes = fc.constantFrom(...(Object.keys(HASHES) as Hash[]));
const nonces = fc.option(fc.bigInt({ min: 1n, max: 2n ** 64n }), { nil: undefined });

describe('a request', () => {
  it('is read as written', () => {
    fc.assert(
      fc.property(hashes, nonces, fc.boolean(), fc.constantFrom(policy, undefined), (hash, nonce, certReq, wanted) => {
        const input = { hash, imprint: digest(hash, stamped), certReq };
        const request = timestampRequest({ ...input, ...(nonce && { nonce }), ...(wanted && { policy: wanted }) });
        expect(readTimestampRequest(request)).toEqual({
          ...input,
          version: 1,
          nonce,
          policy: wanted,
          extensions: false,
        });
      }),
    );
  });

  it('has an imprint of the length of its hash', () => {
    expect(() => timestampRequest({ imprint: imprint.subarray(1) })).toThrow(RangeError);
    const short = sequence(integer(1), sequence(writeDigestAlgorithm('sha384'), octets(imprint)));
    expect(() => readTimestampRequest(short)).toThrow(DerError);
  });

  it.each([
    ['nothing', sequence()],
    ['no imprint', sequence(integer(1))],
    ['fields out of order', concatFields(timestampRequest({ imprint, certReq: false }), boolean(true), oid(policy))],
    ['an unknown field', concatFields(timestampRequest({ imprint }), nil())],
    ['a negative version', sequence(integer(-1), sequence(writeDigestAlgorithm('sha256'), octets(imprint)))],
  ])('of %s is malformed', (_, request) => {
    expect(() => readTimestampRequest(request)).toThrow(DerError);
  });
});

function concatFields(whole: Uint8Array, ...more: readonly Uint8Array[]): Uint8Array {
  return sequence(readDer(whole).content, ...more);
}

describe('an answer', () => {
  it('has what was asked for, and verifies', () => {
    fc.assert(
      fc.property(
        hashes,
        nonces,
        fc.boolean(),
        fc.bigInt({ min: 1n, max: 2n ** 159n }),
        (hash, nonce, certReq, serial) => {
          const request = timestampRequest({
            hash,
            imprint: digest(hash, stamped),
            certReq,
            policy,
            ...(nonce && { nonce }),
          });
          const token = tokenFor(request, { serial });
          expect(token.tst).toEqual({
            version: 1,
            policy,
            hash,
            imprint: digest(hash, stamped),
            serial,
            genTime: now,
            accuracy: 1000,
            ordering: false,
            nonce,
            tsa: context(4, true, readOutline(authority.certificate).subject),
            criticalExtensions: [],
          });
          expect(token.cms.certificates).toEqual(certReq ? [authority.certificate] : []);
          expect(timestampCertificate(token, [twin.certificate, authority.certificate])).toEqual(authority.certificate);
          expect(differsFromRequest(readTimestampRequest(request), token)).toBeUndefined();
          expect(verifyTimestampToken(token, good, authority.certificate)).toEqual({ ok: true, weak: false });
        },
      ),
      { numRuns: 20 },
    );
  });

  it('carries the chain along where certificates are wanted', () => {
    const chain = [signatory('P-256').certificate];
    expect(tokenFor(timestampRequest({ imprint }), { chain }).cms.certificates.length).toBe(2);
    expect(tokenFor(timestampRequest({ imprint, certReq: false }), { chain }).cms.certificates).toEqual([]);
  });

  it.each([0, 1, 127, 128, 250, 999, 1000, 1001, 60_000, 61_500])('has an accuracy of %d ms', (accuracy) => {
    expect(tokenFor(timestampRequest({ imprint }), { accuracy }).tst.accuracy).toBe(accuracy);
  });

  const sha1 = sequence(oid('1.3.14.3.2.26'), nil());
  const imprintBy = sequence(writeDigestAlgorithm('sha256'), octets(imprint));

  it.each([
    ['badDataFormat', 'random bytes', Uint8Array.of(1, 2, 3)],
    ['badDataFormat', 'nothing', new Uint8Array()],
    ['badRequest', 'version 2', sequence(integer(2), imprintBy)],
    ['badAlg', 'SHA-1', sequence(integer(1), sequence(sha1, octets(new Uint8Array(20))))],
    ['unacceptedPolicy', 'another policy', timestampRequest({ imprint, policy: '1.2.3' })],
    ['unacceptedExtension', 'an extension', sequence(integer(1), imprintBy, context(0, true, sequence()))],
  ])('is %s to a request of %s', (failure, _, request) => {
    expect(answer(request)).toMatchObject({ status: 2, granted: false, failures: [failure], token: undefined });
  });

  it('to another request is told from the right one', () => {
    const request = timestampRequest({ imprint, nonce: 7n, policy });
    const token = tokenFor(request);
    const differs = (other: Partial<Parameters<typeof timestampRequest>[0]>) =>
      differsFromRequest(readTimestampRequest(timestampRequest({ imprint, nonce: 7n, policy, ...other })), token);
    expect(differs({})).toBeUndefined();
    expect(differs({ nonce: 8n })).toContain('nonce');
    expect(differsFromRequest(readTimestampRequest(timestampRequest({ imprint, policy })), token)).toContain('nonce');
    expect(differs({ imprint: digest('sha256', policy as never) })).toContain('other bytes');
    expect(differs({ hash: 'sha384', imprint: digest('sha384', stamped) })).toContain('other bytes');
    expect(differs({ policy: '1.2.3' })).toContain('policy');
    expect(differs({ certReq: false })).toContain('certificates');
    const bare = tokenFor(timestampRequest({ imprint, certReq: false }));
    expect(differsFromRequest(readTimestampRequest(timestampRequest({ imprint })), bare)).toContain('no certificate');
  });
});

describe('a response', () => {
  it.each(Object.keys(FAILURES) as Failure[])('says %s and why', (failure) => {
    expect(readTimestampResponse(rejectedResponse(failure, '理由'))).toEqual({
      status: 2,
      granted: false,
      text: ['理由'],
      failures: [failure],
      token: undefined,
    });
  });

  it('may be a refusal without words, and name a failure that we do not know', () => {
    expect(readTimestampResponse(sequence(sequence(integer(2))))).toMatchObject({
      granted: false,
      text: [],
      failures: [],
    });
    expect(readTimestampResponse(sequence(sequence(integer(3), namedBits(1, 25))))).toMatchObject({
      status: 3,
      failures: [1, 'systemFailure'],
    });
  });

  const { token } = answer(timestampRequest({ imprint }));
  it.each([
    ['granted without token', sequence(sequence(integer(0)))],
    ['rejected with token', sequence(sequence(integer(2)), token!)],
    ['of an unknown status', sequence(sequence(integer(6)))],
    ['of a negative status', sequence(sequence(integer(-1)))],
    ['with a token that is none', sequence(sequence(integer(0)), nil())],
    ['with more than a token', sequence(sequence(integer(0)), token!, token!)],
    ['with more in its status', sequence(sequence(integer(2), sequence(utf8('no')), namedBits(0), nil()))],
    ['of nothing', sequence()],
  ])('%s is malformed', (_, response) => {
    expect(() => readTimestampResponse(response)).toThrow(DerError);
  });

  it('of random bytes is malformed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        for (const read of [readTimestampRequest, readTimestampResponse, readTimestampToken]) {
          expect(() => read(bytes)).toThrow(DerError);
        }
      }),
    );
  });
});

/** A token over any TSTInfo, with any attributes, by any authority. */
interface Forgery {
  readonly fields?: readonly Uint8Array[];
  readonly type?: string;
  readonly attributes?: (tst: Uint8Array) => Uint8Array;
  readonly by?: typeof authority;
}

const imprinted = sequence(writeDigestAlgorithm('sha256'), octets(imprint));
const start = [integer(1), oid(policy), imprinted, integer(42)];
const whole = [...start, generalizedTime(now, true)];

function forge({ fields = whole, type = TST_INFO, attributes, by = authority }: Forgery): Uint8Array {
  const tst = sequence(...fields);
  const scheme = schemeFor(by.key);
  const signed =
    attributes?.(tst) ??
    signedAttributes({ contentType: type, messageDigest: digest('sha256', tst), certificate: by.certificate });
  const input = { attributes: signed, certificate: by.certificate, scheme, content: { type, bytes: tst } };
  return signedDataWith(input, sign(scheme, by.key, signed));
}

describe('a token', () => {
  const extension = (id: string, critical: boolean) =>
    sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(nil()));
  const verify = (
    token: Uint8Array,
    of: Parameters<typeof verifyTimestampToken>[1] = good,
    by = authority.certificate,
  ) => verifyTimestampToken(readTimestampToken(token), of, by);

  it('of the least fields, and of the most, verifies', () => {
    expect(verify(forge({}))).toEqual({ ok: true, weak: false });
    const most = [
      ...whole,
      sequence(integer(1), context(0, false, Uint8Array.of(5)), context(1, false, Uint8Array.of(1))),
      boolean(false),
      integer(-5),
      context(0, true, context(4, true, named('Authority'))),
      context(1, true, extension('1.2.3', false), extension('1.2.4', false)),
    ];
    expect(verify(forge({ fields: most }))).toEqual({ ok: true, weak: false });
    expect(readTimestampToken(forge({ fields: most })).tst).toMatchObject({
      accuracy: 1006,
      nonce: -5n,
      ordering: false,
    });
  });

  it('is of bytes in their parts, or of what has this imprint', () => {
    expect(verify(forge({}), { data: [stamped.subarray(0, 3), stamped.subarray(3)] })).toMatchObject({ ok: true });
    expect(verify(forge({}), { hash: 'sha256', imprint })).toMatchObject({ ok: true });
    expect(verify(forge({}), { hash: 'sha256', imprint: digest('sha256') })).toMatchObject({ code: 'TST_IMPRINT' });
    expect(verify(forge({}), { hash: 'sha384', imprint: digest('sha384', stamped) })).toMatchObject({
      code: 'TST_IMPRINT',
    });
    expect(verify(forge({}), { data: [stamped, stamped] })).toMatchObject({ code: 'TST_IMPRINT' });
    expect(verify(forge({}), { data: [] })).toMatchObject({ code: 'TST_IMPRINT' });
  });

  it('by another certificate, or naming another, does not verify', () => {
    expect(verify(forge({}), good, twin.certificate)).toMatchObject({ code: 'TST_CERTIFICATE' });
    expect(verify(forge({}), good, stamped)).toMatchObject({ code: 'TST_MALFORMED' });
    const naming = (certificate: Uint8Array) => (tst: Uint8Array) =>
      signedAttributes({ contentType: TST_INFO, messageDigest: digest('sha256', tst), certificate });
    expect(verify(forge({ attributes: naming(twin.certificate) }))).toMatchObject({ code: 'TST_CERTIFICATE' });
    const namingNone = (tst: Uint8Array) =>
      set(
        sequence(oid(ATTRIBUTES.contentType), set(oid(TST_INFO))),
        sequence(oid(ATTRIBUTES.messageDigest), set(octets(digest('sha256', tst)))),
      );
    expect(verify(forge({ attributes: namingNone }))).toMatchObject({ code: 'TST_CERTIFICATE' });
    const elsewhere = [...whole, context(0, true, context(4, true, named('Elsewhere')))];
    expect(verify(forge({ fields: elsewhere }))).toMatchObject({ code: 'TST_CERTIFICATE' });
  });

  it('whose signed digest or content type is another does not verify', () => {
    const of = (contentType: string, messageDigest: Uint8Array) => () =>
      signedAttributes({ contentType, messageDigest, certificate: authority.certificate });
    expect(verify(forge({ attributes: of(TST_INFO, digest('sha256')) }))).toMatchObject({ code: 'TST_DIGEST' });
    const right = digest('sha256', sequence(...whole));
    expect(verify(forge({ attributes: of(DATA, right) }))).toMatchObject({ code: 'TST_DIGEST' });
    expect(verify(forge({ attributes: of(TST_INFO, right) }))).toMatchObject({ ok: true });
  });

  it('with a critical extension that is not known does not verify', () => {
    const fields = [...whole, context(1, true, extension('1.2.3', true))];
    expect(verify(forge({ fields }))).toMatchObject({
      code: 'TST_MALFORMED',
      detail: expect.stringContaining('1.2.3'),
    });
  });

  it('of SHA-1 is read, and does not verify', () => {
    const sha1 = sequence(sequence(oid('1.3.14.3.2.26'), nil()), octets(new Uint8Array(20)));
    const fields = [integer(1), oid(policy), sha1, integer(42), generalizedTime(now)];
    expect(verify(forge({ fields }))).toMatchObject({ code: 'TST_ALGORITHM' });
    expect(verify(forge({ fields }), { hash: 'sha256', imprint: new Uint8Array(20) })).toMatchObject({
      code: 'TST_ALGORITHM',
    });
  });

  it('with any byte changed is malformed or does not verify, but for what is in none of its hashes and read by nobody', () => {
    const token = forge({ fields: [...whole, integer(7)] });
    const { cms } = readTimestampToken(token);
    const carried = (position: number) => cms.certificates.some((one) => within(token, one, position));
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.integer({ min: 1, max: 255 }), (position, change) => {
        const changed = Uint8Array.from(token);
        changed[position]! ^= change;
        try {
          const read = readTimestampToken(changed);
          if (carried(position) || read.cms.version !== cms.version) return;
          expect(verifyTimestampToken(read, good, authority.certificate).ok).toBe(false);
        } catch (error) {
          if (!(error instanceof DerError)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each<[string, Forgery]>([
    ['of other content', { type: DATA }],
    ['of version 2', { fields: [integer(2), ...whole.slice(1)] }],
    ['without time', { fields: start }],
    ['with a UTCTime', { fields: [...start, Uint8Array.of(0x17, 13, ...Buffer.from('260401093000Z'))] }],
    [
      'with zeros after the second',
      { fields: [...start, Uint8Array.of(0x18, 18, ...Buffer.from('20260401093000.50Z'))] },
    ],
    [
      'with an imprint of another length',
      {
        fields: [integer(1), oid(policy), sequence(writeDigestAlgorithm('sha512'), octets(imprint)), ...whole.slice(3)],
      },
    ],
    ['with 1,000 milliseconds', { fields: [...whole, sequence(context(0, false, Uint8Array.of(3, 0xe8)))] }],
    ['with a negative accuracy', { fields: [...whole, sequence(integer(-1))] }],
    ['with an accuracy of four', { fields: [...whole, sequence(integer(1), integer(1))] }],
    ['with two nonces', { fields: [...whole, integer(1), integer(1)] }],
    ['with fields out of order', { fields: [...whole, integer(1), boolean(true)] }],
    ['with an authority that is no name', { fields: [...whole, context(0, true, nil())] }],
    ['with two authorities', { fields: [...whole, context(0, true, context(1, false), context(1, false))] }],
    [
      'with an extension twice',
      { fields: [...whole, context(1, true, extension('1.2.3', false), extension('1.2.3', false))] },
    ],
    ['with an extension without value', { fields: [...whole, context(1, true, sequence(oid('1.2.3')))] }],
    [
      'with an extension of four',
      { fields: [...whole, context(1, true, sequence(oid('1.2.3'), boolean(true), octets(nil()), nil()))] },
    ],
  ])('%s is malformed', (_, forgery) => {
    expect(() => readTimestampToken(forge(forgery))).toThrow(DerError);
  });

  it('without its content is malformed', () => {
    const attributes = signedAttributes({ messageDigest: imprint, certificate: authority.certificate });
    const scheme = schemeFor(authority.key);
    const detached = signedDataWith(
      { attributes, certificate: authority.certificate, scheme },
      sign(scheme, authority.key, attributes),
    );
    expect(() => readTimestampToken(detached)).toThrow('not a time-stamp token');
    expect(() => readTimestampToken(concat(forge({}), Uint8Array.of(0)))).toThrow('bytes after');
  });
});

function within(whole: Uint8Array, part: Uint8Array, position: number): boolean {
  const start = part.byteOffset - whole.byteOffset;
  return position >= start && position < start + part.length;
}
