import { generateKeyPairSync, type KeyObject } from 'node:crypto';

export type KeyKind = 'rsa-2048' | 'rsa-3072' | 'rsa-1024' | 'p-256' | 'p-384' | 'p-521' | 'rsa-pss-2048' | 'ed25519';

const make: Readonly<Record<KeyKind, () => { privateKey: KeyObject }>> = {
  'rsa-2048': () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'rsa-3072': () => generateKeyPairSync('rsa', { modulusLength: 3072 }),
  'rsa-1024': () => generateKeyPairSync('rsa', { modulusLength: 1024 }),
  'rsa-pss-2048': () => generateKeyPairSync('rsa-pss', { modulusLength: 2048 }),
  'p-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'p-384': () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  'p-521': () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  ed25519: () => generateKeyPairSync('ed25519'),
};

const kept = new Map<string, KeyObject>();

/** The private key of this owner, made when first asked for and kept while the process lives. */
export function keyOf(owner: string, kind: KeyKind = 'p-256'): KeyObject {
  const name = `${kind} ${owner}`;
  const key = kept.get(name) ?? make[kind]().privateKey;
  kept.set(name, key);
  return key;
}
