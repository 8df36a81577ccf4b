import { createPrivateKey, generateKeyPair, hash } from 'node:crypto';
import { promisify } from 'node:util';
import type { JWK } from 'jose';
import { Access } from '../access/access.ts';
import type { Logger } from '../http/log.ts';
import type { Job } from '../jobs/scheduler.ts';
import type { Database, Queryable } from '../store/database.ts';
import { endSigningKeys, findSigningKeys, insertSigningKey, type SigningKeyRow } from '../store/signing-key.ts';
import { lockNames } from '../store/write.ts';
import type { Secret } from './secret.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A key signs for so long; its successor is published so long before it signs, and it stays published so long after it has. */
const SIGNS = 90 * DAY;
const AHEAD = 2 * DAY;
const STAYS = 2 * DAY;
/** How long a process may go on with what it has read. Far shorter than AHEAD, so that nobody signs with what another does not publish. */
const READ_AGAIN = 60_000;

const PURPOSE = 'signing key';
/** Advisory lock under which keys are made, by one process at a time. */
const ROTATION = 0x6964206b657973n;

/** One key of each algorithm that an app may be registered for. */
const GENERATE = {
  RS256: () => promisify(generateKeyPair)('rsa', { modulusLength: 2048 }),
  ES256: () => promisify(generateKeyPair)('ec', { namedCurve: 'P-256' }),
  ES384: () => promisify(generateKeyPair)('ec', { namedCurve: 'P-384' }),
} as const;
type Algorithm = keyof typeof GENERATE;
export const ID_TOKEN_ALGORITHMS = Object.keys(GENERATE) as readonly Algorithm[];

/** The secrets outside the database, as `SecretFile` gives them. */
export interface SealingSecrets {
  newest(): Promise<Secret>;
  of(kid: string): Promise<Secret>;
}

export interface SigningKeysOptions {
  readonly database: Database;
  readonly secrets: SealingSecrets;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/** Private JWKs, of each algorithm first the one that signs now. */
export interface KeySet {
  /** Another one when the keys or their order have changed. */
  readonly id: string;
  readonly keys: readonly JWK[];
}

/**
 * The keys of ID tokens, in the database for all processes, sealed with a secret that is not in it (docs/decisions). They change without
 * anybody's doing: the next one is published two days before it signs, so that whoever keeps our JWK Set has it by then, and the last one
 * until long after the last ID token that it signed is over.
 */
export class SigningKeys {
  readonly #options: SigningKeysOptions;
  #read: { readonly rows: readonly Opened[]; readonly until: number } | undefined;

  constructor(options: SigningKeysOptions) {
    this.#options = options;
  }

  /** Those to be published now. Makes the first ones where there are none. */
  async current(): Promise<KeySet> {
    const now = this.#options.now();
    if (!this.#read || now >= this.#read.until) {
      let rows = await this.#open(this.#options.database, now);
      if (!ID_TOKEN_ALGORITHMS.every((alg) => signer(rows, alg, now))) {
        await this.rotate(now);
        rows = await this.#open(this.#options.database, now);
      }
      this.#read = { rows, until: now + READ_AGAIN };
    }
    const { rows } = this.#read;
    const keys = ID_TOKEN_ALGORITHMS.flatMap((alg) => {
      const signs = signer(rows, alg, now);
      return [...(signs ? [signs] : []), ...rows.filter((row) => row.alg === alg && row !== signs)];
    });
    return { id: hash('sha256', keys.map(({ kid }) => kid).join(' '), 'base64url'), keys: keys.map(({ jwk }) => jwk) };
  }

  /** Makes the keys that will be needed soon, and lets the old ones end. Safe at any time, in several processes at once. */
  async rotate(now = this.#options.now()): Promise<void> {
    await this.#options.database.transaction(async (transaction) => {
      await lockNames(Access.system('signing keys'), transaction, [ROTATION]);
      const rows = await this.#open(transaction, now);
      for (const alg of ID_TOKEN_ALGORITHMS) await this.#rotateOne(transaction, alg, rows, now);
    });
    this.#read = undefined;
  }

  async #rotateOne(transaction: Queryable, alg: Algorithm, rows: readonly Opened[], now: number): Promise<void> {
    const signs = signer(rows, alg, now);
    const newest = rows.filter((row) => row.alg === alg).at(-1);
    if (!signs) return this.#make(transaction, alg, now, now);
    if (newest === signs && signs.signs + SIGNS - AHEAD <= now)
      await this.#make(transaction, alg, now, Math.max(signs.signs + SIGNS, now + AHEAD));
    if (rows.some((row) => row.alg === alg && row.ends === null && row.signs < signs.signs))
      await endSigningKeys(transaction, { alg, signs: signs.signs, ends: now + STAYS, now });
  }

  async #make(transaction: Queryable, alg: Algorithm, made: number, signs: number): Promise<void> {
    const { privateKey } = await GENERATE[alg]();
    const jwk = privateKey.export({ format: 'jwk' }) as JWK;
    const kid = thumbprint(jwk);
    const secret = await this.#options.secrets.newest();
    const sealed = secret.derive(PURPOSE).seal(privateKey.export({ format: 'der', type: 'pkcs8' }), kid);
    await insertSigningKey(transaction, { kid, alg, made, signs, sealed, sealed_kid: secret.kid });
    this.#options.log('info', 'signing key made', { kid, alg, signsFrom: new Date(signs).toISOString() });
  }

  async #open(database: Queryable, now: number): Promise<readonly Opened[]> {
    const rows = await findSigningKeys(database, now);
    return Promise.all(
      rows.map(async (row) => {
        const secret = await this.#options.secrets.of(row.sealed_kid);
        const der = secret.derive(PURPOSE).unseal(row.sealed, row.kid);
        const jwk = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' }) as JWK;
        return { ...row, jwk: { ...jwk, kid: row.kid, alg: row.alg, use: 'sig' } };
      }),
    );
  }
}

interface Opened extends SigningKeyRow {
  readonly jwk: JWK;
}

/** The newest whose time has come. */
const signer = (rows: readonly Opened[], alg: Algorithm, now: number): Opened | undefined =>
  rows.filter((row) => row.alg === alg && row.signs <= now && row.ends === null).at(-1);

/** RFC 7638: says which key it is, and nothing else. */
function thumbprint({ kty, crv, x, y, n, e }: JWK): string {
  return hash('sha256', JSON.stringify(kty === 'RSA' ? { e, kty, n } : { crv, kty, x, y }), 'base64url');
}

export const signingKeyJob = (keys: SigningKeys): Job => ({
  name: 'rotate-signing-keys',
  everyMs: 6 * HOUR,
  run: (now) => keys.rotate(now),
});
