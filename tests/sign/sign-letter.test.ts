import { derOf } from '../../src/demo/hpki/authorities.ts';
import { examine } from '../../src/pdf/examine.ts';
import { PdfError } from '../../src/pdf/findings.ts';
import { readSignedData } from '../../src/pki/cms.ts';
import { readDer, readDerPrefix } from '../../src/pki/der.ts';
import {
  grantedResponse,
  issueTimestamp,
  readTimestampRequest,
  readTimestampResponse,
  rejectedResponse,
  timestampRequest,
} from '../../src/pki/timestamp.ts';
import { type LetterSigning, signLetter, TimestampError } from '../../src/sign/sign-letter.ts';
import { KeyError, type SigningKey } from '../../src/sign/signing-key.ts';
import { objections, pdfmakeLetter } from '../pdf/letters.ts';
import { keyOf, selfSigned } from '../pki/material.ts';
import { authority, hpki, keyInMemory, letter, now, stamping } from './world.ts';

const crls = [hpki.crls.root, hpki.crls.issuer, hpki.crls.timestampRoot].map(derOf);
const signing = (changes: Partial<LetterSigning> = {}): LetterSigning => ({
  pdf: letter,
  key: keyInMemory('P-256'),
  timestamp: stamping(),
  now,
  ...changes,
});

describe('a signed letter', () => {
  it.each(['rsa', 'P-256', 'P-384'] as const)(
    'begins with what was issued, and is all a signature may be: %s',
    async (kind) => {
      const signed = await signLetter(
        signing({ key: keyInMemory(kind), crls, reason: '診療情報提供書', location: '東京' }),
      );
      expect(Buffer.from(signed.subarray(0, letter.length)).equals(letter)).toBe(true);
      expect(objections(examine(signed, letter))).toEqual([]);
    },
  );

  it('is as good for a letter of pdfmake', async () => {
    const pdf = await pdfmakeLetter(1);
    expect(objections(examine(await signLetter(signing({ pdf, crls })), pdf))).toEqual([]);
  });

  it('carries the certificates of its signer, once each, one signer and one time-stamp', async () => {
    const found = examine(await signLetter(signing()), letter).signature;
    expect(found?.subFilter).toBe('ETSI.CAdES.detached');
    const { certificates, signers } = readSignedData(readDerPrefix(found!.contents).bytes);
    expect(certificates).toHaveLength(2);
    expect(signers).toHaveLength(1);
  });

  it('has a DSS with lists and certificates where lists are given, and none without', async () => {
    const withLists = examine(await signLetter(signing({ crls })), letter);
    expect(withLists.dss).toHaveLength(1);
    expect(withLists.dss[0]!.crls.map((crl) => Buffer.from(crl))).toEqual(crls.map((crl) => Buffer.from(crl)));
    expect(withLists.dss[0]!.certs).toHaveLength(4);
    expect(examine(await signLetter(signing()), letter).dss).toEqual([]);
  });

  it('has room for a long chain', async () => {
    const chain = Array.from({ length: 30 }, (_, i) => selfSigned({ key: keyOf('rsa'), serial: BigInt(i + 1) }));
    const signed = await signLetter(signing({ key: keyInMemory('rsa', { chain }) }));
    expect(objections(examine(signed, letter))).toEqual([]);
  });

  it('is not signed a second time', async () => {
    await expect(signLetter(signing({ pdf: await signLetter(signing()) }))).rejects.toThrow(PdfError);
    await expect(signLetter(signing({ pdf: Buffer.from('no PDF') }))).rejects.toThrow(PdfError);
  });
});

describe('a time-stamp authority', () => {
  const other = timestampRequest({ imprint: new Uint8Array(32), nonce: 1n });
  /** Asked for other bytes, with the nonce of the request. */
  const otherImprint = (request: Uint8Array) => {
    const { nonce } = readTimestampRequest(request);
    return issueTimestamp(timestampRequest({ imprint: new Uint8Array(32), nonce: nonce! }), authority());
  };
  const otherNonce = (request: Uint8Array, nonce?: bigint) => {
    const { imprint } = readTimestampRequest(request);
    return issueTimestamp(timestampRequest({ imprint, ...(nonce !== undefined && { nonce }) }), authority());
  };
  const byAnotherKey = (request: Uint8Array) => issueTimestamp(request, authority({ key: keyOf('P-256', 'thief') }));
  const withoutCertificate = (request: Uint8Array) => {
    const { imprint, nonce } = readTimestampRequest(request);
    return issueTimestamp(timestampRequest({ imprint, nonce: nonce!, certReq: false }), authority());
  };
  const flipped = (request: Uint8Array) => {
    const token = readTimestampResponse(issueTimestamp(request, authority())).token!.slice();
    token[token.length - 5] = token[token.length - 5]! ^ 1;
    return grantedResponse(token);
  };

  it.each<[string, (request: Uint8Array) => Uint8Array, RegExp]>([
    ['stamps other bytes', otherImprint, /other bytes/],
    ['gives the token of another letter', () => issueTimestamp(other, authority()), /other bytes/],
    ['answers with another nonce', (request) => otherNonce(request, 1n), /nonce/],
    ['answers without the nonce', (request) => otherNonce(request), /nonce/],
    ['refuses', () => rejectedResponse('systemFailure', '契約がありません'), /契約がありません.*systemFailure/],
    ['answers nothing', () => new Uint8Array(), /RFC 3161/],
    ['answers a web page', () => Buffer.from('<html>ログイン</html>'), /RFC 3161/],
    ['grants a token that is none', () => grantedResponse(readDer(derOf(hpki.doctor)).bytes), /RFC 3161/],
    ['leaves its certificate out', withoutCertificate, /certificate/],
    ['changes its signature', flipped, /TST_SIGNATURE|RFC 3161/],
  ])('that %s is not believed', async (_name, answer, message) => {
    const attempt = signLetter(signing({ timestamp: async (request) => answer(request) }));
    await expect(attempt).rejects.toThrow(TimestampError);
    await expect(attempt).rejects.toThrow(message);
  });

  it('cannot sign with a key that is not its certificate’s', () => {
    expect(() => byAnotherKey(other)).toThrow(/not a signature/);
  });

  it('that cannot be reached leaves nothing', async () => {
    const timestamp = () => Promise.reject(new TimestampError('no answer in time'));
    await expect(signLetter(signing({ timestamp }))).rejects.toThrow('no answer in time');
  });

  it('is asked once, for the signature alone, and never twice with one nonce', async () => {
    const requests: Uint8Array[] = [];
    const timestamp = (request: Uint8Array) => {
      requests.push(request);
      return stamping()(request);
    };
    await signLetter(signing({ timestamp }));
    await signLetter(signing({ timestamp }));
    const [first, second] = requests.map(readTimestampRequest);
    expect(requests).toHaveLength(2);
    expect(first!.certReq).toBe(true);
    expect(first!.nonce).not.toBe(second!.nonce);
  });
});

describe('a key', () => {
  const never = () => Promise.reject(new Error('the authority was asked'));

  it.each<[string, Partial<SigningKey>]>([
    ['signs something else', { sign: (bytes) => keyInMemory('P-256').sign(bytes.subarray(1)) }],
    ['is not its certificate’s', { sign: (bytes) => keyInMemory('rsa').sign(bytes) }],
    ['gives nothing', { sign: () => new Uint8Array() }],
    ['gives r and s side by side', { sign: () => new Uint8Array(64).fill(1) }],
  ])('that %s makes no letter, and no time-stamp is spent', async (_name, wrong) => {
    const attempt = signLetter(signing({ key: keyInMemory('P-256', wrong), timestamp: never }));
    await expect(attempt).rejects.toMatchObject({ code: 'SIGNATURE_WRONG' });
    await expect(attempt).rejects.toThrow(KeyError);
  });

  it('that refuses is heard', async () => {
    const sign = () => {
      throw new KeyError('PIN_LOCKED', 'CKR_PIN_LOCKED');
    };
    const attempt = signLetter(signing({ key: keyInMemory('P-256', { sign }), timestamp: never }));
    await expect(attempt).rejects.toMatchObject({ code: 'PIN_LOCKED' });
  });
});
