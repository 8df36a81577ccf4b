import { createHmac, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A secret that goes into every hash and is not in the database: who steals the database alone cannot even begin to guess. */
export class Pepper {
  readonly kid: string;
  readonly #secret: Buffer;

  constructor(kid: string, secret: Buffer) {
    this.kid = kid;
    this.#secret = secret;
  }

  /** HMAC-SHA256 of the text. */
  mac(text: string): Buffer {
    return createHmac('sha256', this.#secret).update(text).digest();
  }
}

/** The file: `{"peppers":[{"kid","created","secret"}]}`, secrets in base64url, the newest last. */
interface PepperFile {
  readonly peppers: readonly { readonly kid: string; readonly created: string; readonly secret: string }[];
}

const SECRET_BYTES = 32;

/** The peppers of one file, which every server process on the same database must share. */
export class Peppers {
  readonly #path: string;
  #known: readonly Pepper[];

  private constructor(path: string, known: readonly Pepper[]) {
    this.#path = path;
    this.#known = known;
  }

  /**
   * Reads the file; makes it with a first pepper (mode 600) if there is none and `inUse` is empty. Processes that start together end
   * with the same one.
   *
   * @param inUse  kids of the keycodes in the database that can still be redeemed; throws if the file lacks one of them
   * @param created  date of a pepper that is made now
   */
  static async open(path: string, inUse: readonly string[], created: Date): Promise<Peppers> {
    let known = await readPeppers(path);
    if (known === null && inUse.length > 0) {
      throw new Error(
        `the keycode pepper file ${path} is missing, but the database has keycodes made with ${inUse.join(', ')}: ` +
          'put the file back, or name its place in KEYCODE_PEPPER_FILE',
      );
    }
    if (known === null) {
      await createFirst(path, created);
      known = await readPeppers(path);
    }
    const lost = inUse.filter((kid) => !known?.some((pepper) => pepper.kid === kid));
    if (known === null || lost.length > 0) {
      throw new Error(
        `the keycode pepper file ${path} lacks ${lost.join(', ')}, with which keycodes in the database were made: ` +
          'restore the file that this database was used with',
      );
    }
    return new Peppers(path, known);
  }

  /** One that is known now, for a hash that nothing is compared with. */
  any(): Pepper {
    return this.#known.at(-1)!;
  }

  /** For issuing. Looks at the file again, since another process may have added one. */
  async newest(): Promise<Pepper> {
    this.#known = (await readPeppers(this.#path)) ?? this.#known;
    return this.#known.at(-1)!;
  }

  /** For redeeming. Looks at the file again where the kid is new; throws where it is not there either. */
  async of(kid: string): Promise<Pepper> {
    const find = () => this.#known.find((pepper) => pepper.kid === kid);
    if (!find()) await this.newest();
    const pepper = find();
    if (!pepper) throw new Error(`the keycode pepper file ${this.#path} lacks ${kid}`);
    return pepper;
  }
}

/**
 * Adds a pepper, used for keycodes issued from now on; those issued before keep theirs, so an old entry may be taken out of the file
 * one year later. Two at once: the second throws.
 */
export async function addPepper(path: string, created: Date): Promise<void> {
  const text = await readText(path);
  if (text === null) throw new Error(`the keycode pepper file ${path} is missing`);
  const { peppers } = parseFile(path, text);
  const next = `${path}.next`;
  await writeNew(next, { peppers: [...peppers, makePepper(created)] });
  await rename(next, path);
}

async function readPeppers(path: string): Promise<readonly Pepper[] | null> {
  const text = await readText(path);
  if (text === null) return null;
  return parseFile(path, text).peppers.map(({ kid, secret }) => new Pepper(kid, Buffer.from(secret, 'base64url')));
}

async function readText(path: string): Promise<string | null> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o027) !== 0) throw new Error(`the keycode pepper file ${path} is open to others: chmod 600 it`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** What is wrong with the file is said without quoting it, so JSON's own error is dropped. */
function parseFile(path: string, text: string): PepperFile {
  const damaged = new Error(`the keycode pepper file ${path} is damaged: restore it from a copy`);
  let file: PepperFile;
  try {
    file = JSON.parse(text);
  } catch {
    throw damaged;
  }
  const peppers = file?.peppers;
  const whole =
    Array.isArray(peppers) &&
    peppers.length > 0 &&
    new Set(peppers.map((pepper) => pepper?.kid)).size === peppers.length &&
    peppers.every(
      (pepper) =>
        typeof pepper?.kid === 'string' &&
        typeof pepper.secret === 'string' &&
        Buffer.from(pepper.secret, 'base64url').length >= SECRET_BYTES,
    );
  if (!whole) throw damaged;
  return file;
}

function makePepper(created: Date): PepperFile['peppers'][number] {
  return {
    kid: randomBytes(6).toString('hex'),
    created: created.toISOString(),
    secret: randomBytes(SECRET_BYTES).toString('base64url'),
  };
}

/** A link appears whole or not at all, and only for the first who makes it. */
async function createFirst(path: string, created: Date): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeNew(draft, { peppers: [makePepper(created)] });
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
}

async function writeNew(path: string, file: PepperFile): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(file, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
