import { randomBytes, timingSafeEqual } from 'node:crypto';
import { refuse } from '../../../http/errors.ts';
import type { SecretFile } from '../../secret-file.ts';
import { ARGON2, argon2id, type Cost, type SlowHash } from '../../slow-hash.ts';

/** So many in line are some seconds of work: whoever comes then is told to come again. */
const LONGEST_LINE = 100;

const SALT = 16;

/** What a stored hash says of itself. */
interface Parsed {
  readonly cost: Cost;
  readonly kid: string;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/**
 * Hashes of passwords: argon2id over an HMAC with a secret that is not in the database, as PHC strings
 * (https://github.com/P-H-C/phc-string-format), so that cost and secret can be changed and each hash still says how it was made. A hash
 * belongs to a person: copied to another it matches nothing.
 */
export class PasswordHashes {
  readonly #secrets: SecretFile;
  readonly #hash: SlowHash;
  readonly #cost: Cost;

  constructor(secrets: SecretFile, hash: SlowHash = argon2id, cost: Cost = ARGON2) {
    this.#secrets = secrets;
    this.#hash = hash;
    this.#cost = cost;
  }

  /** @param password  in normal form. @throws FhirError 503 where too many are waiting, here and in `matches` */
  async make(person: string, password: string): Promise<string> {
    const secret = await this.#secrets.newest();
    const salt = randomBytes(SALT);
    const hash = await this.#slowly(secret.derive(PURPOSE).mac(message(person, password)), salt, this.#cost);
    const { memory, passes, parallelism } = this.#cost;
    return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism},keyid=${secret.kid}$${base64(salt)}$${base64(hash)}`;
  }

  /**
   * One slow hash, whether there is anything to compare it with or not.
   *
   * @param stored  null: nobody's
   * @returns `outdated`: it matches, and should be made anew with today's cost and secret
   */
  async matches(
    person: string,
    password: string,
    stored: string | null,
  ): Promise<{ readonly matches: boolean; readonly outdated: boolean }> {
    const known = stored === null ? null : parse(stored);
    const secret = known ? await this.#secrets.of(known.kid) : this.#secrets.any();
    const hash = await this.#slowly(
      secret.derive(PURPOSE).mac(message(person, password)),
      known?.salt ?? randomBytes(SALT),
      known?.cost ?? this.#cost,
    );
    const matches = timingSafeEqual(hash, known?.hash ?? randomBytes(hash.length)) && known !== null;
    return { matches, outdated: matches && known !== null && (await this.#isOutdated(known)) };
  }

  async #isOutdated({ cost, kid }: Parsed): Promise<boolean> {
    const { memory, passes, parallelism } = this.#cost;
    if (cost.memory !== memory || cost.passes !== passes || cost.parallelism !== parallelism) return true;
    return kid !== (await this.#secrets.newest()).kid;
  }

  #slowly(message: Buffer, salt: Buffer, cost: Cost): Promise<Buffer> {
    if (this.#hash === argon2id && argon2id.waiting() >= LONGEST_LINE)
      throw refuse.unavailable('Too many people are logging in at this moment; try again in a few seconds');
    return this.#hash(message, salt, cost);
  }
}

const PURPOSE = 'password';

/** Ids have one length, so that no two pairs read the same. */
const message = (person: string, password: string) => `${person} ${password}`;

const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');

const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,4}),p=(\d{1,3}),keyid=([A-Za-z0-9]+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

function parse(stored: string): Parsed {
  const [, memory, passes, parallelism, kid, salt, hash] = PHC.exec(stored) ?? [];
  if (!kid || !salt || !hash) throw new Error('a stored password hash cannot be read');
  return {
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    kid,
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

/** The kid in a stored hash. */
export const kidOf = (stored: string): string => parse(stored).kid;
