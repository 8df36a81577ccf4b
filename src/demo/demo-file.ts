import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { INSTITUTIONS, type InstitutionName } from './data/institutions.ts';

/** A registered client of SMART Backend Services, with its private key. */
export interface DemoClient {
  readonly clientId: string;
  /** Id of the Organization that it acts for. */
  readonly organization: string;
  readonly privateKeyJwk: Record<string, unknown>;
  readonly scope: string;
}

export const CLIENT_NAMES = ['operator', ...INSTITUTIONS] as const;
export type ClientName = 'operator' | InstitutionName;

/** DATA_DIR/demo.json: how others reach the demo network. It holds private keys. */
export interface DemoFile {
  readonly baseUrl: string;
  readonly tokenUrl: string;
  readonly clients: Readonly<Record<ClientName, DemoClient>>;
  /** Ids of Patients of `hospital`: `shared` has a live grant for `clinic` only, `closed` has no grant and no booking. */
  readonly patients: { readonly shared: string; readonly closed: string };
}

export const demoFilePath = (dataDir: string) => join(dataDir, 'demo.json');

/** The file of an earlier telling; undefined where there is none or where it cannot be understood. */
export async function readDemoFile(dataDir: string): Promise<DemoFile | undefined> {
  let text: string;
  try {
    text = await readFile(demoFilePath(dataDir), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const file = JSON.parse(text) as DemoFile;
    return typeof file.tokenUrl === 'string' && typeof file.clients === 'object' ? file : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the file for its owner alone (mode 600), whole or not at all. */
export async function writeDemoFile(dataDir: string, file: DemoFile): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  const path = demoFilePath(dataDir);
  const draft = `${path}.${process.pid}.tmp`;
  await rm(draft, { force: true });
  await writeFile(draft, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(draft, path);
}
