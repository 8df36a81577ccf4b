import fc from 'fast-check';
import { digest, spkiOf } from '../../src/pki/algorithms.ts';
import { boolean, concat, context, DerError, integer, nil, octets, oid, readDer, sequence } from '../../src/pki/der.ts';
import { readOutline } from '../../src/pki/outline.ts';
import {
  issueTimestamp,
  readTimestampResponse,
  readTimestampToken,
  timestampRequest,
  verifyTimestampToken,
} from '../../src/pki/timestamp.ts';
import { keyOf, named, selfSigned } from './material.ts';

const key = keyOf('P-256');
const spki = spkiOf(key);
const keyId = sequence(oid('2.5.29.14'), octets(octets(Uint8Array.of(9))));

/** Of what is signed; the rest is not looked at. */
const certificate = (fields: readonly Uint8Array[]) => sequence(sequence(...fields), sequence(), nil());
const version3 = context(0, true, integer(2));
const fields = [integer(7), sequence(), named('Issuer'), sequence(), named('Subject'), spki];
const withExtensions = (...extensions: readonly Uint8Array[]) =>
  certificate([version3, ...fields, context(3, true, sequence(...extensions))]);

describe('the outline of a certificate', () => {
  it('is read from every version', () => {
    const plain = {
      issuer: named('Issuer'),
      serial: 7n,
      subject: named('Subject'),
      spki,
      keyId: undefined,
      alternativeNames: [],
    };
    expect(readOutline(certificate(fields))).toEqual(plain);
    expect(readOutline(certificate([version3, ...fields]))).toEqual(plain);
    expect(readOutline(withExtensions(keyId))).toEqual({ ...plain, keyId: Uint8Array.of(9) });
    const names = sequence(context(2, false, Buffer.from('a')), context(4, true, named('Other')));
    const alternative = sequence(oid('2.5.29.17'), boolean(true), octets(names));
    expect(readOutline(withExtensions(alternative)).alternativeNames).toEqual([
      context(2, false, Buffer.from('a')),
      context(4, true, named('Other')),
    ]);
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['an empty sequence', sequence()],
    ['no fields', certificate([])],
    ['no key', certificate(fields.slice(0, 5))],
    ['a number that is none', certificate([nil(), ...fields.slice(1)])],
    ['an extension twice', withExtensions(keyId, keyId)],
    ['an extension without value', withExtensions(sequence(oid('2.5.29.14')))],
    ['an empty extension', withExtensions(sequence())],
    ['no extensions in their place', certificate([version3, ...fields, context(3, true)])],
    ['a key identifier that is none', withExtensions(sequence(oid('2.5.29.14'), octets(nil())))],
    ['bytes after it', concat(certificate(fields), nil())],
  ])('is not read of %s', (_, malformed) => {
    expect(() => readOutline(malformed)).toThrow(DerError);
  });

  it('is read of a certificate with bytes changed, or refused with a DerError', () => {
    const good = selfSigned({ key });
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (position, change) => {
        const changed = Uint8Array.from(good);
        changed[position]! ^= change;
        try {
          readOutline(changed);
        } catch (error) {
          if (!(error instanceof DerError)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('has the names by which a time-stamp may call its authority', () => {
    const stamped = Buffer.from('stamped');
    const authority = { key, certificate: selfSigned({ key }), policy: '1.2.3', now: 0, serial: 1n };
    const request = timestampRequest({ imprint: digest('sha256', stamped) });
    const token = readTimestampToken(readTimestampResponse(issueTimestamp(request, authority)).token!);
    const calling = (tsa: Uint8Array) => ({ ...token, tst: { ...token.tst, tsa } });
    const verify = (tsa: Uint8Array) => verifyTimestampToken(calling(tsa), { data: [stamped] }, authority.certificate);
    expect(verify(context(4, true, named('Signer')))).toMatchObject({ ok: true });
    expect(verify(context(4, true, named('signer')))).toMatchObject({ code: 'TST_CERTIFICATE' });
    expect(verify(context(6, false, readDer(octets(stamped)).content))).toMatchObject({ code: 'TST_CERTIFICATE' });
  });
});
