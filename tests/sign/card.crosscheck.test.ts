import { createPublicKey, verify } from 'node:crypto';
import { derOf } from '../../src/demo/hpki/authorities.ts';
import { readOutline } from '../../src/pki/outline.ts';
import { fingerprint } from '../../src/sign/signing-key.ts';
import { keyOf } from '../pki/material.ts';
import type { Opened } from './open-card.ts';
import { hasSofthsm, LIBRARY, SoftHsm } from './softhsm.ts';
import { certificateOf, hpki } from './world.ts';

const PIN = '2026-暗証';
const rsa = keyOf('rsa', 'card');
const ec = keyOf('P-256', 'card');
const large = keyOf('P-384', 'card');
const doctor = certificateOf(rsa, 'SAKURAI HARUKA').der;
const onCurve = certificateOf(ec, 'SAKURAI HARUKA').der;
const onLargeCurve = certificateOf(large, 'SAKURAI HARUKA').der;
const authentication = certificateOf(ec, 'SAKURAI HARUKA', { keyUsage: ['digitalSignature'] }).der;
const messages = ['診療情報提供書', '', 'x'.repeat(100_000)];

(hasSofthsm ? describe : describe.skip)('cards through PKCS#11 (SoftHSM)', () => {
  let hsm: SoftHsm;

  beforeAll(async () => {
    hsm = new SoftHsm();
    await hsm.token('hpki', PIN, [
      { id: '01', key: ec, certificate: authentication },
      { id: '02', key: rsa, certificate: doctor },
      { id: '03', certificate: derOf(hpki.root) },
      { id: '04', certificate: derOf(hpki.issuer) },
      { id: '05', certificate: derOf(hpki.timestampRoot) },
    ]);
    await hsm.token('curve', PIN, [{ id: '0a0b', key: ec, certificate: onCurve }]);
    await hsm.token('large', PIN, [{ id: '01', key: large, certificate: onLargeCurve }]);
    await hsm.token('choice', PIN, [
      { id: '01', key: ec, certificate: onCurve },
      { id: '02', key: rsa, certificate: doctor },
    ]);
    await hsm.token('asks', PIN, [{ id: '01', key: rsa, asks: true, certificate: doctor }]);
    await hsm.token('empty', PIN, []);
    await hsm.token('keys only', PIN, [{ id: '01', key: ec }]);
    await hsm.token('others', PIN, [
      { id: '01', key: ec },
      { id: '02', certificate: onCurve },
    ]);
  }, 60_000);
  afterAll(() => hsm.remove());

  const open = async (...cards: readonly object[]): Promise<readonly Opened[]> =>
    hsm.run(
      'open-card.ts',
      cards.map((card) => ({ library: LIBRARY, pin: PIN, messages, ...card })),
    );
  const signs = (certificate: Uint8Array, hash: string, { signatures = [] }: Opened) =>
    signatures.map((signature, i) =>
      verify(
        hash,
        Buffer.from(messages[i] ?? ''),
        createPublicKey({ key: certificateKey(certificate), format: 'der', type: 'spki' }),
        Buffer.from(signature, 'base64'),
      ),
    );
  const base64 = (der: Uint8Array) => Buffer.from(der).toString('base64');

  it('sign with the key for signatures, and bring its issuers alone', async () => {
    const [opened] = await open({ token: 'hpki' });
    expect(opened).toMatchObject({
      certificate: base64(doctor),
      chain: [base64(derOf(hpki.issuer)), base64(derOf(hpki.root))],
      scheme: { kind: 'rsa-pkcs1', hash: 'sha256' },
      afterwards: 'CARD_REFUSED',
    });
    expect(signs(doctor, 'sha256', opened!)).toEqual([true, true, true]);
  });

  it('sign on curves, and can be opened one after the other', async () => {
    const [first, second, third] = await open({ token: 'curve' }, { token: 'large' }, { token: 'curve' });
    expect(first).toMatchObject({ scheme: { kind: 'ecdsa', hash: 'sha256' }, chain: [] });
    expect(second).toMatchObject({ scheme: { kind: 'ecdsa', hash: 'sha384' } });
    expect(signs(onCurve, 'sha256', first!)).toEqual([true, true, true]);
    expect(signs(onLargeCurve, 'sha384', second!)).toEqual([true, true, true]);
    expect(signs(onCurve, 'sha256', third!)).toEqual([true, true, true]);
  });

  it('sign with the certificate that is named', async () => {
    const [one, other, authenticating] = await open(
      { token: 'choice', certificate: fingerprint(onCurve) },
      { token: 'choice', certificate: fingerprint(doctor) },
      { token: 'hpki', certificate: fingerprint(authentication) },
    );
    expect(one?.certificate).toBe(base64(onCurve));
    expect(other?.certificate).toBe(base64(doctor));
    expect(authenticating?.certificate).toBe(base64(authentication));
  });

  it('sign where the card wants the PIN for each signature', async () => {
    const [opened] = await open({ token: 'asks' });
    expect(opened?.code).toBeUndefined();
    expect(signs(doctor, 'sha256', opened!)).toEqual([true, true, true]);
  });

  const refused: readonly (readonly [string, object, string, RegExp])[] = [
    ['a wrong PIN', { token: 'hpki', pin: '0000' }, 'PIN_WRONG', /C_Login failed: CKR_PIN_INCORRECT/],
    ['a PIN much too long', { token: 'hpki', pin: '1'.repeat(300) }, 'PIN_WRONG', /CKR_PIN/],
    ['no PIN', { token: 'hpki', pin: '' }, 'PIN_WRONG', /no PIN/],
    ['no such token', { token: 'none' }, 'CARD_ABSENT', /"hpki"/],
    ['several tokens', {}, 'CARD_CHOICE', /"hpki", .*"curve"|"curve", .*"hpki"/],
    ['several certificates', { token: 'choice' }, 'CARD_CHOICE', new RegExp(`${fingerprint(doctor)} SAKURAI HARUKA`)],
    ['another certificate', { token: 'curve', certificate: fingerprint(doctor) }, 'CARD_CHOICE', /no [0-9a-f]{64} of/],
    ['nothing on it', { token: 'empty' }, 'CARD_EMPTY', /0 certificates/],
    ['no certificate', { token: 'keys only' }, 'CARD_EMPTY', /0 certificates/],
    ['a certificate of another key', { token: 'others' }, 'CARD_EMPTY', /1 certificates/],
    ['no library', { library: '/nowhere/card.so' }, 'CARD_LIBRARY', /\/nowhere\/card\.so/],
    ['a file that is none', { library: import.meta.filename }, 'CARD_LIBRARY', /card\.crosscheck/],
  ];

  it('are refused in words', async () => {
    const opened = await open(...refused.map(([, card]) => card));
    expect(opened.map(({ code }, i) => [refused[i]?.[0], code])).toEqual(refused.map(([name, , code]) => [name, code]));
    for (const [i, { message }] of opened.entries()) {
      expect(message).toMatch(refused[i]![3]);
      expect(message).not.toContain(PIN);
    }
  });

  it('do not count a PIN that was not given', async () => {
    const opened = await open(...Array.from({ length: 5 }, () => ({ token: 'hpki', pin: '' })), { token: 'hpki' });
    expect(opened.at(-1)?.code).toBeUndefined();
  });

  it('are absent where there is no token at all', async () => {
    const none = new SoftHsm();
    try {
      const opened = await none.run<Opened[]>('open-card.ts', [{ library: LIBRARY, pin: PIN, messages }]);
      expect(opened[0]?.code).toBe('CARD_ABSENT');
    } finally {
      none.remove();
    }
  });
});

function certificateKey(der: Uint8Array): Buffer {
  return Buffer.from(readOutline(der).spki);
}
