import fc from 'fast-check';
import { ListError, readSignedList } from '../../../../src/services/signature/trust/list.ts';
import { ca, crl, DAY, NOW, pem, root, signing, tsaRoot } from './pki.ts';

const issuers = [root.certificate, signing.certificate];

/** In English, what is wrong with it. */
function wrong(bytes: Uint8Array, by = issuers): string {
  try {
    readSignedList(bytes, by);
    return 'nothing';
  } catch (error) {
    if (error instanceof ListError && error.words.ja) return error.message;
    throw error;
  }
}

describe('a revocation list', () => {
  it('is read with who has signed it', () => {
    const der = crl(signing, {
      crlNumber: 7n,
      entries: [{ serial: 5n, revocationDate: NOW - 2 * DAY, reason: 'keyCompromise' }],
    });
    expect(readSignedList(der, issuers)).toMatchObject({
      der,
      issuer: 'CN=HPKI-01-TestSignCA-forNonRepudiation,O=Tasuki test,C=JP',
      number: 7n,
      thisUpdate: NOW - DAY,
      nextUpdate: NOW + 6 * DAY,
      size: 1,
      signedBy: signing.certificate,
    });
  });

  it('may be PEM and may have no number', () => {
    const der = crl(root, { crlNumber: null });
    const list = readSignedList(Buffer.from(pem(der, 'X509 CRL')), issuers);
    expect([list.number, Buffer.from(list.der).equals(der)]).toEqual([null, true]);
  });

  it('is signed by one of several certificates of a name', () => {
    const renewed = ca('Root', { key: 2 });
    const both = [...issuers, renewed.certificate];
    expect(readSignedList(crl(renewed), both).signedBy).toBe(renewed.certificate);
    expect(readSignedList(crl(root), both).signedBy).toBe(root.certificate);
  });

  it('of an authority that is not known is refused', () => {
    expect(wrong(crl(tsaRoot))).toMatch(/^is a list of CN=TSA Root,.* none of the certificates/);
    expect(wrong(crl(root), [])).toMatch(/none of the certificates/);
  });

  it('in the name of one, by the key of another, is refused', () => {
    expect(wrong(crl({ certificate: root.certificate, key: tsaRoot.key }))).toMatch(/^is not signed by a key/);
  });

  it('by a certificate that may not sign lists is refused', () => {
    const mute = ca('Mute', { extensions: { keyUsage: ['keyCertSign'] } });
    expect(wrong(crl(mute), [mute.certificate])).toMatch(/^is not signed by a key that may sign lists/);
  });

  it('that was changed anywhere is refused', () => {
    const der = crl(root);
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Uint8Array.from(der);
        changed[at]! ^= change;
        expect(wrong(changed)).not.toBe('nothing');
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['a delta list', crl(root, { deltaBase: 1n }), /^is a delta list/],
    ['an indirect list', crl(root, { issuingDistributionPoint: { indirectCRL: true } }), /^is an indirect list/],
    ['a list without end', crl(root, { nextUpdate: null }), /nextUpdate/],
    ['a list that ends before it begins', crl(root, { nextUpdate: NOW - 2 * DAY }), /nextUpdate/],
    [
      'a list with what is critical and not known',
      crl(root, { raw: [{ oid: '1.2.3.4', critical: true, value: Uint8Array.of(5, 0) }] }),
      /^has critical extensions that are not known here \(1\.2\.3\.4\)/,
    ],
    ['a certificate', root.der, /^is no revocation list/],
    ['nothing', Buffer.alloc(0), /^has neither DER nor a whole PEM block "X509 CRL"/],
    ['a page', Buffer.from('<html>not found</html>'), /^has neither DER/],
    ['two lists', Buffer.from(pem(crl(root), 'X509 CRL').repeat(2)), /^must hold one revocation list/],
    ['a PEM certificate', Buffer.from(pem(root.der)), /^has a PEM block "CERTIFICATE" where "X509 CRL" is due/],
    ['a list with more behind it', Buffer.concat([crl(root), Buffer.of(0)]), /^is no revocation list/],
  ])('is not %s', (_, bytes, message) => expect(wrong(bytes)).toMatch(message));
});
