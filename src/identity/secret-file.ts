import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SECRET_BYTES, Secret } from './secret.ts';

/** Words for the messages about one file of secrets. */
export interface SecretFileUse {
  /** `keycode pepper file` */
  readonly file: string;
  /** What in the database was made with its secrets: `keycodes`. */
  readonly made: string;
  /** The setting that names its place. */
  readonly variable: string;
}

/** The file: `{"secrets":[{"kid","created","secret"}]}`, secrets in base64url, the newest last. */
interface Content {
  readonly secrets: readonly { readonly kid: string; readonly created: string; readonly secret: string }[];
}

/**
 * Secrets outside the database, in one file that every server process on the same database must share. What is made with one says so by
 * its kid, so that a new one can be added while the old ones are still needed.
 */
export class SecretFile {
  readonly #path: string;
  readonly #use: SecretFileUse;
  #known: readonly Secret[];

  private constructor(path: string, use: SecretFileUse, known: readonly Secret[]) {
    this.#path = path;
    this.#use = use;
    this.#known = known;
  }

  /**
   * Reads the file; makes it with a first secret (mode 600) if there is none and `inUse` is empty. Processes that start together end
   * with the same one.
   *
   * @param inUse  kids that the database still needs; throws if the file lacks one of them
   * @param created  date of a secret that is made now
   */
  static async open(path: string, use: SecretFileUse, inUse: readonly string[], created: Date): Promise<SecretFile> {
    const { file, made, variable } = use;
    let known = await readSecrets(path, use);
    if (known === null && inUse.length > 0) {
      throw new Error(
        `the ${file} ${path} is missing, but the database has ${made} made with ${inUse.join(', ')}: ` +
          `put the file back, or name its place in ${variable}`,
      );
    }
    if (known === null) {
      await createFirst(path, created);
      known = await readSecrets(path, use);
    }
    const lost = inUse.filter((kid) => !known?.some((secret) => secret.kid === kid));
    if (known === null || lost.length > 0) {
      throw new Error(
        `the ${file} ${path} lacks ${lost.join(', ')}, with which ${made} in the database were made: ` +
          'restore the file that this database was used with',
      );
    }
    return new SecretFile(path, use, known);
  }

  /** One that is known now, for a hash that nothing is compared with. */
  any(): Secret {
    return this.#known.at(-1)!;
  }

  /** For what is made now. Looks at the file again, since another process may have added one. */
  async newest(): Promise<Secret> {
    this.#known = (await readSecrets(this.#path, this.#use)) ?? this.#known;
    return this.#known.at(-1)!;
  }

  /** For what was made before. Looks at the file again where the kid is new; throws where it is not there either. */
  async of(kid: string): Promise<Secret> {
    const find = () => this.#known.find((secret) => secret.kid === kid);
    if (!find()) await this.newest();
    const secret = find();
    if (!secret) throw new Error(`the ${this.#use.file} ${this.#path} lacks ${kid}`);
    return secret;
  }

  /**
   * Adds a secret, used for what is made from now on; what was made before keeps its own, so an old entry may be taken out of the file
   * when the database needs it no more. Two at once: the second throws.
   */
  static async add(path: string, use: SecretFileUse, created: Date): Promise<void> {
    const text = await readText(path, use);
    if (text === null) throw new Error(`the ${use.file} ${path} is missing`);
    const { secrets } = parse(path, text, use);
    const next = `${path}.next`;
    await writeNew(next, { secrets: [...secrets, makeSecret(created)] });
    await rename(next, path);
  }
}

async function readSecrets(path: string, use: SecretFileUse): Promise<readonly Secret[] | null> {
  const text = await readText(path, use);
  if (text === null) return null;
  return parse(path, text, use).secrets.map(({ kid, secret }) => new Secret(kid, Buffer.from(secret, 'base64url')));
}

async function readText(path: string, { file }: SecretFileUse): Promise<string | null> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o027) !== 0) throw new Error(`the ${file} ${path} is open to others: chmod 600 it`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** What is wrong with the file is said without quoting it, so JSON's own error is dropped. */
function parse(path: string, text: string, { file }: SecretFileUse): Content {
  const damaged = new Error(`the ${file} ${path} is damaged: restore it from a copy`);
  let content: Content & { readonly peppers?: Content['secrets'] };
  try {
    content = JSON.parse(text);
  } catch {
    throw damaged;
  }
  // Files of keycode peppers that were made earlier call them so.
  const secrets = content?.secrets ?? content?.peppers;
  const whole =
    Array.isArray(secrets) &&
    secrets.length > 0 &&
    new Set(secrets.map((secret) => secret?.kid)).size === secrets.length &&
    secrets.every(
      (secret) =>
        typeof secret?.kid === 'string' &&
        typeof secret.secret === 'string' &&
        Buffer.from(secret.secret, 'base64url').length >= SECRET_BYTES,
    );
  if (!whole) throw damaged;
  return { secrets };
}

function makeSecret(created: Date): Content['secrets'][number] {
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
  await writeNew(draft, { secrets: [makeSecret(created)] });
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
}

async function writeNew(path: string, content: Content): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(content, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
