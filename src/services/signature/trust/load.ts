import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Authority, type CertificateFile, makeAuthority } from './authority.ts';
import { type AuthorityEntry, type FileEntry, readTrustFile, TRUST_FILE, type TrustFile } from './configuration.ts';
import { type Mistake, TrustError, type Words, wrong } from './mistake.ts';
import { openPem } from './pem.ts';

/** What lies in the trust directory, read and found in order. */
export interface Loaded {
  readonly file: TrustFile;
  readonly issuers: readonly Authority[];
  readonly timestampAuthorities: readonly Authority[];
}

/** `absent`: there is no trust.json, so nothing is trusted. */
export interface Reading {
  readonly result: Loaded | TrustError | 'absent';
  /** Changes whenever a file that was read, or would have been, changes. */
  readonly fingerprint: string;
}

const MAX_BYTES = Object.freeze({ json: 1024 * 1024, certificate: 256 * 1024, list: 32 * 1024 * 1024 });

/** Reads the directory; never throws for what is in it. */
export async function loadTrust(directory: string): Promise<Reading> {
  const files = new Files(directory);
  const read = async (): Promise<Reading['result']> => {
    try {
      return await load(files);
    } catch (error) {
      if (error instanceof TrustError) return error;
      throw error;
    }
  };
  const result = await read();
  return { result, fingerprint: files.fingerprint() };
}

/** The fingerprint that reading the same files would have now. */
export async function fingerprintNow(directory: string, fingerprint: string): Promise<string> {
  const files = new Files(directory);
  for (const line of fingerprint.split('\n')) await files.look(line.slice(line.indexOf('\t') + 1));
  return files.fingerprint();
}

async function load(files: Files): Promise<Loaded | 'absent'> {
  if (!(await files.look(TRUST_FILE))) return 'absent';
  const mistakes: Mistake[] = [];
  const text = await files.read({ file: TRUST_FILE, path: '$' }, MAX_BYTES.json, mistakes);
  if (!text) throw new TrustError(mistakes);
  const file = readTrustFile(Buffer.from(text).toString('utf8'));
  const authorities = async (entries: readonly AuthorityEntry[]) => {
    const made: Authority[] = [];
    for (const entry of entries) made.push(await loadAuthority(entry, files, mistakes));
    return made;
  };
  const issuers = await authorities(file.issuers);
  const timestampAuthorities = await authorities(file.timestampAuthorities);
  if (mistakes.length > 0) throw new TrustError(mistakes);
  return { file, issuers, timestampAuthorities };
}

async function loadAuthority(entry: AuthorityEntry, files: Files, mistakes: Mistake[]): Promise<Authority> {
  const certificates: CertificateFile[] = [];
  for (const use of ['anchors', 'retired', 'intermediates'] as const) {
    for (const named of entry[use]) {
      const bytes = await files.read(named, MAX_BYTES.certificate, mistakes);
      const opened = bytes && openPem(bytes, 'CERTIFICATE');
      if (opened && 'wrong' in opened) mistakes.push({ ...named, words: opened.wrong });
      else if (opened) for (const der of opened.ders) certificates.push({ ...named, use, der });
    }
  }
  const lists: (FileEntry & { bytes: Uint8Array | undefined; mistake: Words | undefined })[] = [];
  for (const named of entry.crls) {
    if (!('file' in named)) continue;
    // A list that is being replaced, or late, is no reason to trust nobody: it is missing until it can be read.
    const found: Mistake[] = [];
    const bytes = await files.read(named, MAX_BYTES.list, found);
    lists.push({ ...named, bytes, mistake: found[0]?.words });
  }
  return makeAuthority(entry, certificates, lists, mistakes);
}

/** The files that are read, and what tells that one has changed. */
class Files {
  readonly #directory: string;
  readonly #seen = new Map<string, string>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  fingerprint(): string {
    return [...this.#seen].map(([file, state]) => `${state}\t${file}`).join('\n');
  }

  /** Whether there is such a file. */
  async look(file: string): Promise<boolean> {
    try {
      const { mtimeMs, size, ino } = await stat(join(this.#directory, file));
      this.#seen.set(file, `${mtimeMs} ${size} ${ino}`);
      return true;
    } catch (error) {
      this.#seen.set(file, `${(error as NodeJS.ErrnoException).code}`);
      return (error as NodeJS.ErrnoException).code !== 'ENOENT';
    }
  }

  /** Its bytes; undefined with a mistake more where it cannot be read. What is changed while it is read is read again at the next look. */
  async read({ file, path }: FileEntry, most: number, mistakes: Mistake[]): Promise<Uint8Array | undefined> {
    await this.look(file);
    const no = (words: Words) => {
      mistakes.push({ file, path, words });
      return undefined;
    };
    try {
      const full = join(this.#directory, file);
      const found = await stat(full);
      if (!found.isFile()) return no(wrong.unreadable('it is no file'));
      if (found.size > most) return no(wrong.large(most));
      return await readFile(full);
    } catch (error) {
      return no(wrong.unreadable((error as NodeJS.ErrnoException).code ?? 'unknown'));
    }
  }
}
