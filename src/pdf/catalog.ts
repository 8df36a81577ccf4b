import { FINDING_STATUS, type FindingCode, PdfError } from './findings.ts';
import type { Update } from './update.ts';
import { get, integerOf, nameOf, type PdfDictionary, type PdfValue, same } from './values.ts';

/** The document catalog (ISO 32000-1 §7.7.2) before and after an update. */
export interface Catalogs {
  readonly old: PdfDictionary;
  readonly now: PdfDictionary;
}

/** Entries that other steps examine. */
const EXAMINED: ReadonlySet<string> = new Set(['AcroForm', 'DSS', 'Extensions', 'Version']);

const OBJECTIONS: Readonly<Record<string, FindingCode>> = Object.freeze({
  OpenAction: 'ACTION_ADDED',
  AA: 'ACTION_ADDED',
  Names: 'ACTION_ADDED',
  URI: 'ACTION_ADDED',
  Perms: 'FOREIGN_PERMISSIONS',
  Metadata: 'FOREIGN_METADATA',
});

/** What a signature, a DSS or a time-stamp may change in the catalog, and nothing else. */
export function checkCatalog(update: Update): Catalogs {
  const old = update.before(update.root);
  const now = update.object(update.root, update.root, 'ROOT_CHANGED').value;
  if (old?.kind !== 'dictionary' || now.kind !== 'dictionary') {
    throw new PdfError('CATALOG_CHANGED', 'the catalog is no dictionary');
  }
  for (const key of new Set([...old.entries.keys(), ...now.entries.keys()])) {
    if (EXAMINED.has(key) || same(get(old, key), get(now, key))) continue;
    const code = (Object.hasOwn(OBJECTIONS, key) && OBJECTIONS[key]) || 'CATALOG_CHANGED';
    const detail = `another /${printable(key)} in the catalog`;
    if (FINDING_STATUS[code] !== 'undecided') throw new PdfError(code, detail);
    update.report('increment', code, detail);
  }
  if (get(old, 'DSS') && !get(now, 'DSS')) throw new PdfError('CATALOG_CHANGED', '/DSS is gone');
  checkVersion(update, get(old, 'Version'), get(now, 'Version'));
  checkExtensions(update.before(get(old, 'Extensions')), get(now, 'Extensions'));
  return { old, now };
}

const printable = (key: string): string => (/^\w{1,32}$/.test(key) ? key : '?');

/** Never lower than it was, in the header or in the catalog. */
function checkVersion(update: Update, old: PdfValue | undefined, now: PdfValue | undefined): void {
  if (same(old, now)) return;
  const header = Buffer.from(update.bytes.subarray(5, 8)).toString('latin1');
  const [before, after] = [nameOf(old) ?? header, nameOf(now) ?? ''];
  if (!/^(?:1\.[0-7]|2\.0)$/.test(after) || after < before || after < header) {
    throw new PdfError('VERSION_CHANGED', 'the version went down');
  }
}

/** Developer extensions (ISO 32000-1 §7.12): those that were there stay, and what is added is only names and numbers. */
function checkExtensions(old: PdfValue | undefined, now: PdfValue | undefined): void {
  if (same(old, now)) return;
  if (now?.kind !== 'dictionary') throw new PdfError('EXTENSIONS_CHANGED', '/Extensions is no direct dictionary');
  for (const [key, extension] of old?.kind === 'dictionary' ? old.entries : []) {
    const after = get(now, key);
    const level = (value: PdfValue | undefined) => integerOf(get(value, 'ExtensionLevel')) ?? -1;
    if (!same(extension, after) && level(after) < level(extension)) {
      throw new PdfError('EXTENSIONS_CHANGED', 'an extension is gone or lower');
    }
  }
  for (const [key, extension] of now.entries) {
    if (key === 'Type' && nameOf(extension) === 'Extensions') continue;
    if (extension.kind !== 'dictionary') throw new PdfError('EXTENSIONS_CHANGED', 'an extension is no dictionary');
    for (const [name, value] of extension.entries) {
      const fine =
        (name === 'BaseVersion' && value.kind === 'name') ||
        (name === 'ExtensionLevel' && integerOf(value) !== undefined) ||
        (name === 'Type' && nameOf(value) === 'DeveloperExtensions');
      if (!fine) throw new PdfError('EXTENSIONS_CHANGED', 'an extension has more than a version and a level');
    }
  }
}
