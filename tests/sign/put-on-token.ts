/**
 * A program for the tests: puts on a token what no tool of SoftHSM does, certificates and RSA keys that want the PIN for each signature.
 * JSON on standard input; see softhsm.ts.
 */
import type { JsonWebKey } from 'node:crypto';
import { text } from 'node:stream/consumers';
import koffi from 'koffi';
import { CKA, CKO, CKU, Cryptoki, ulong } from '../../src/sign/cryptoki.ts';

export interface PutOnToken {
  readonly library: string;
  readonly label: string;
  readonly pin: string;
  readonly certificates: readonly { readonly id: string; readonly certificate: string }[];
  readonly asking: readonly { readonly id: string; readonly key: JsonWebKey }[];
}

type Attribute = readonly [type: number, value: Buffer];

const CKF_RW_SERIAL = 6;
const TOKEN = 1;
const PRIVATE = 2;
const CERTIFICATE_TYPE = 0x80;
const KEY_TYPE = 0x100;
const SUBJECT = 0x101;
const SENSITIVE = 0x103;
/** Attributes of RSA keys, by their names in a JSON Web Key. */
const RSA = Object.freeze({ n: 0x120, e: 0x122, d: 0x123, p: 0x124, q: 0x125, dp: 0x126, dq: 0x127, qi: 0x128 });
const YES = Buffer.from([1]);
const NO = Buffer.from([0]);

const { library, label, pin, certificates, asking } = JSON.parse(await text(process.stdin)) as PutOnToken;
const cryptoki = new Cryptoki(library);
const slot = cryptoki.slots().find((one) => cryptoki.token(one)?.label === label);
koffi.struct('CK_ATTRIBUTE', { type: 'ulong', pValue: 'void *', ulValueLen: 'ulong' });
const createObject = koffi
  .load(library)
  .func('C_CreateObject', 'ulong', ['ulong', 'CK_ATTRIBUTE *', 'ulong', 'void *']);
const opened = ulong(0);
cryptoki.call('C_OpenSession', [slot, CKF_RW_SERIAL, null, null, opened]);
const session = Number(opened.readBigUInt64LE());
cryptoki.login(session, CKU.USER, pin);

function create(id: string, attributes: readonly Attribute[]): void {
  const all = [[TOKEN, YES] as const, [CKA.ID, Buffer.from(id, 'hex')] as const, ...attributes];
  const written = all.map(([type, value]) => ({ type, pValue: value, ulValueLen: value.length }));
  const status = Number(createObject(session, written, written.length, ulong(0)));
  if (status !== 0) throw new Error(`C_CreateObject: 0x${status.toString(16)}`);
}

for (const { id, certificate } of certificates) {
  create(id, [
    [CKA.CLASS, ulong(CKO.CERTIFICATE)],
    [CERTIFICATE_TYPE, ulong(0)],
    [PRIVATE, NO],
    [SUBJECT, Buffer.from('3000', 'hex')],
    [CKA.VALUE, Buffer.from(certificate, 'base64')],
  ]);
}
for (const { id, key } of asking) {
  create(id, [
    [CKA.CLASS, ulong(CKO.PRIVATE_KEY)],
    [KEY_TYPE, ulong(0)],
    [PRIVATE, YES],
    [SENSITIVE, YES],
    [CKA.SIGN, YES],
    [CKA.ALWAYS_AUTHENTICATE, YES],
    ...Object.entries(RSA).map(
      ([name, type]): Attribute => [type, Buffer.from(String(key[name as keyof JsonWebKey]), 'base64url')],
    ),
  ]);
}
cryptoki.close();
console.log('{}');
