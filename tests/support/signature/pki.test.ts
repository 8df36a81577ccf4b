import { digest } from '../../../src/pki/algorithms.ts';
import { readCrl } from '../../../src/pki/crl.ts';
import { hcRoles } from '../../../src/pki/hcrole.ts';
import { readTimestampResponse, readTimestampToken, timestampRequest } from '../../../src/pki/timestamp.ts';
import { authorities } from './authorities.ts';
import { crlOf, listsAt } from './lists.ts';
import { changeByte, replaceBytes } from './sign-letter.ts';
import { signers } from './signers.ts';
import { stampers } from './stampers.ts';
import { DAY, SIGNED_AT } from './times.ts';
import { timestampServer } from './timestamp-authority.ts';

describe('the PKI for tests', () => {
  it('makes everybody once', () => {
    expect(signers.doctor).toBe(signers.doctor);
    expect(stampers.tsa.certificate).toBe(stampers.tsa.certificate);
    const serials = [...Object.values(signers), ...Object.values(stampers)].map(({ x509 }) => x509.serialHex);
    expect(new Set(serials).size).toBe(serials.length);
  });

  it('writes the role exactly as HPKI cards have it', () => {
    const attributes = signers.doctor.x509.extensions.find(({ oid }) => oid === '2.5.29.9');
    expect(
      Buffer.from(attributes?.value ?? [])
        .toString('hex')
        .toUpperCase(),
    ).toBe(
      '303430320606288185420001312831263024A0223120A00C060A2A830886910F01060101A2100C0E4D65646963616C20446F63746F72',
    );
    expect(hcRoles(signers.dentist.x509)).toEqual(['Dentist']);
  });

  it('lets a root out of the chains that signers carry', () => {
    expect(signers.doctor.chain).toEqual([authorities.signing.certificate]);
    expect(signers.tooDeep.chain).toEqual([authorities.tooDeep.certificate, authorities.signing.certificate]);
    expect(authorities.root.chain).toEqual([]);
  });

  it('publishes each revocation from its date on', () => {
    const size = (at: number) => readCrl(crlOf(authorities.signing, at)).size;
    expect([size(SIGNED_AT - 60 * DAY), size(SIGNED_AT), size(SIGNED_AT + 2 * DAY)]).toEqual([0, 1, 3]);
    expect(listsAt(SIGNED_AT)).toBe(listsAt(SIGNED_AT));
  });

  it('stamps over HTTP', async () => {
    const server = await timestampServer(stampers.tsa, () => SIGNED_AT);
    try {
      const post = (type: string, body: Uint8Array) =>
        fetch(server.url, { method: 'POST', headers: { 'Content-Type': type }, body: Buffer.from(body) });
      const imprint = digest('sha256', Buffer.from('some bytes'));
      const response = await post('application/timestamp-query', timestampRequest({ imprint, nonce: 77n }));
      const { token } = readTimestampResponse(new Uint8Array(await response.arrayBuffer()));
      const { tst } = readTimestampToken(token!);
      expect([tst.genTime, tst.nonce, server.served()]).toEqual([SIGNED_AT, 77n, 1]);
      expect((await post('text/plain', imprint)).status).toBe(400);
      const refused = await post('application/timestamp-query', Buffer.from('garbage'));
      expect(readTimestampResponse(new Uint8Array(await refused.arrayBuffer())).granted).toBe(false);
    } finally {
      await server.close();
    }
  });

  it('changes what it is told to, and nothing else', () => {
    const bytes = Uint8Array.of(1, 2, 3, 255);
    expect([...changeByte(bytes, -1)]).toEqual([1, 2, 3, 0]);
    expect([...replaceBytes(bytes, Uint8Array.of(2, 3), Uint8Array.of(9, 9))]).toEqual([1, 9, 9, 255]);
    expect(() => replaceBytes(bytes, Uint8Array.of(7), Uint8Array.of(9))).toThrow(RangeError);
    expect([...bytes]).toEqual([1, 2, 3, 255]);
  });
});
