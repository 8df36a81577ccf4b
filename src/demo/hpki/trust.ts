import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DemoHpki, makeHpki, withLists } from './authorities.ts';

const ENVIRONMENT = 'demo';
const hpkiPath = (dataDir: string) => join(dataDir, 'demo-hpki.json');

export interface TrustPlaces {
  readonly dataDir: string;
  /** Where the server looks for what it trusts (TRUST_DIR). */
  readonly trustDir: string;
  readonly now: Date;
}

/**
 * Makes the demo's authorities, once for each DATA_DIR, with new revocation lists each time, and has the server trust them. Where somebody has written there already what
 * is trusted, nothing is changed: then the letter of the story will not be believed.
 */
export async function trustDemo({ dataDir, trustDir, now }: TrustPlaces): Promise<void> {
  const known = await readHpki(dataDir);
  const hpki = known ? withLists(known, now.getTime()) : makeHpki(now.getTime());
  await replace(hpkiPath(dataDir), JSON.stringify(hpki, null, 2));
  if (((await environmentOf(trustDir)) ?? ENVIRONMENT) !== ENVIRONMENT) return;
  const files = {
    'demo-root.pem': hpki.root,
    'demo-issuer.pem': hpki.issuer,
    'demo-timestamp-root.pem': hpki.timestampRoot,
    'demo-root.crl.pem': hpki.crls.root,
    'demo-issuer.crl.pem': hpki.crls.issuer,
    'demo-timestamp-root.crl.pem': hpki.crls.timestampRoot,
    'trust.json': `${JSON.stringify(TRUST, null, 2)}\n`,
  };
  for (const [name, text] of Object.entries(files)) await replace(join(trustDir, name), text);
}

const TRUST = Object.freeze({
  environment: ENVIRONMENT,
  issuers: [
    {
      name: { ja: 'デモ用HPKI認証局', en: 'HPKI of the demo' },
      anchors: ['demo-root.pem'],
      intermediates: ['demo-issuer.pem'],
      crls: [{ file: 'demo-root.crl.pem' }, { file: 'demo-issuer.crl.pem' }],
    },
  ],
  timestampAuthorities: [
    {
      name: { ja: 'デモ用時刻認証局', en: 'Time-stamp authority of the demo' },
      anchors: ['demo-timestamp-root.pem'],
      crls: [{ file: 'demo-timestamp-root.crl.pem' }],
    },
  ],
});

/** The authorities of this DATA_DIR; undefined where none were made. */
export async function readHpki(dataDir: string): Promise<DemoHpki | undefined> {
  const text = await readText(hpkiPath(dataDir));
  const hpki = text === undefined ? undefined : (JSON.parse(text) as DemoHpki);
  // Without the issuers' keys there would be no new lists: then all is made anew.
  return hpki?.keys && hpki;
}

async function environmentOf(trustDir: string): Promise<string | undefined> {
  const text = await readText(join(trustDir, 'trust.json'));
  return text === undefined ? undefined : String((JSON.parse(text) as { environment?: unknown }).environment);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole or not at all, and for its owner alone: one of them holds keys. */
async function replace(path: string, text: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  await rm(draft, { force: true });
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
  await rename(draft, path);
}
