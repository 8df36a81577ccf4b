import { JsonValue } from './json.ts';
import { type Mistake, TrustError, type Words, wrong } from './mistake.ts';

/** One who issues certificates, of signers or of time-stamps, as trust.json has it. Files are paths below the trust directory. */
export interface AuthorityEntry {
  readonly name: Words;
  readonly anchors: readonly FileEntry[];
  /** Anchors that have ended, kept because older signatures rest on them. */
  readonly retired: readonly FileEntry[];
  readonly intermediates: readonly FileEntry[];
  readonly crls: readonly ListEntry[];
}

export interface TimestampAuthorityEntry extends AuthorityEntry {
  /** Where we ask for time-stamps of our own; undefined: not here. */
  readonly url: string | undefined;
  readonly policy: string | undefined;
  readonly allowPrivate: boolean;
}

/** A file, and where trust.json names it. */
export interface FileEntry {
  readonly file: string;
  readonly path: string;
}

/** Where a revocation list comes from: a file, or a URL. */
export type ListEntry = FileEntry | { readonly url: string; readonly allowPrivate: boolean; readonly path: string };

export interface TrustFile {
  readonly environment: string;
  readonly issuers: readonly AuthorityEntry[];
  readonly timestampAuthorities: readonly TimestampAuthorityEntry[];
  readonly policies: readonly string[];
  readonly refusedPolicies: readonly string[];
  readonly roles: { readonly medical: readonly string[]; readonly dental: readonly string[] };
  /** Certificates that end within so many days are warned of. */
  readonly warnDays: number;
}

export const TRUST_FILE = 'trust.json';

/** Arcs of HPKI certificate policies; what the last number before the version means is told in docs/trust.md. */
export const HPKI_SIGNATURE = '1.2.392.100495.1.5.1.1';
export const HPKI_AUTHENTICATION = '1.2.392.100495.1.5.1.2';
export const HPKI_TEST_SIGNATURE = '1.2.392.100495.1.5.1.1.0';

/** What holds where trust.json is silent. */
const SILENT = Object.freeze({
  policies: [HPKI_SIGNATURE],
  refusedPolicies: [HPKI_AUTHENTICATION],
  /** Certificates for tests are no proof of anything, so a production server takes none unless it says so. */
  refusedInProduction: [HPKI_AUTHENTICATION, HPKI_TEST_SIGNATURE],
  roles: { medical: ['Medical Doctor'], dental: ['Medical Doctor', 'Dentist'] },
  warnDays: 90,
});

/** Reads the text of trust.json. Throws TrustError with every mistake in it. */
export function readTrustFile(text: string): TrustFile {
  const mistakes: Mistake[] = [];
  const value = new JsonValue(TRUST_FILE, '$', parse(text), mistakes);
  const read = trustFile(value);
  if (mistakes.length > 0) throw new TrustError(mistakes);
  return read;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TrustError([{ file: TRUST_FILE, path: '$', words: wrong.json((error as Error).message) }]);
  }
}

function trustFile(root: JsonValue): TrustFile {
  const of = root.fields(
    ['environment', 'issuers', 'timestampAuthorities'],
    ['$schema', 'policies', 'refusedPolicies', 'roles', 'warnDays'],
  );
  const environment = of.environment?.matching(/^[a-z][a-z0-9-]{0,39}$/, wrong.environment) ?? '';
  const roles = of.roles?.fields([], ['medical', 'dental']);
  const oids = (value: JsonValue | undefined, otherwise: readonly string[]) =>
    value?.list('object identifiers', { empty: false }).map((one) => one.oid()) ?? otherwise;
  const strings = (value: JsonValue | undefined, otherwise: readonly string[]) =>
    value?.list('hcRole strings', { empty: false }).map((one) => one.text()) ?? otherwise;
  return {
    environment,
    issuers:
      of.issuers?.list('issuers', { empty: true }).map((one) => authority(one.fields(AUTHORITY, OPTIONAL))) ?? [],
    timestampAuthorities:
      of.timestampAuthorities?.list('time-stamp authorities', { empty: true }).map(timestampAuthority) ?? [],
    policies: oids(of.policies, SILENT.policies),
    refusedPolicies: oids(
      of.refusedPolicies,
      environment === 'production' ? SILENT.refusedInProduction : SILENT.refusedPolicies,
    ),
    roles: {
      medical: strings(roles?.medical, SILENT.roles.medical),
      dental: strings(roles?.dental, SILENT.roles.dental),
    },
    warnDays: of.warnDays?.days() ?? SILENT.warnDays,
  };
}

const AUTHORITY = ['name', 'anchors'] as const;
const OPTIONAL = ['retired', 'intermediates', 'crls'] as const;

function authority(of: Readonly<Partial<Record<string, JsonValue>>>): AuthorityEntry {
  const name = of.name?.fields(['ja', 'en'], []);
  const files = (value: JsonValue | undefined, empty: boolean): FileEntry[] =>
    value?.list('files', { empty }).map((one) => ({ file: one.relativePath(), path: one.path })) ?? [];
  const entry = {
    name: { ja: name?.ja?.text() ?? '', en: name?.en?.text() ?? '' },
    anchors: files(of.anchors, false),
    retired: files(of.retired, true),
    intermediates: files(of.intermediates, true),
    crls: of.crls?.list('{ "url": … } or { "file": … }', { empty: true }).map(listEntry) ?? [],
  };
  onlyOnce(of, [...entry.anchors, ...entry.retired, ...entry.intermediates], ({ file }) => file);
  onlyOnce(of, entry.crls, (one) => ('url' in one ? one.url : one.file));
  return entry;
}

/** The same file or URL twice within one authority is a mistake of copying. */
function onlyOnce<T extends { path: string }>(
  of: Readonly<Partial<Record<string, JsonValue>>>,
  entries: readonly T[],
  key: (entry: T) => string,
): void {
  const first = new Map<string, string>();
  for (const entry of entries) {
    const at = first.get(key(entry));
    if (at === undefined) first.set(key(entry), entry.path);
    else if (key(entry)) of.anchors?.complain(wrong.twice(key(entry), at), entry.path);
  }
}

function timestampAuthority(value: JsonValue): TimestampAuthorityEntry {
  const of = value.fields(AUTHORITY, [...OPTIONAL, 'url', 'policy', 'allowPrivate']);
  if (of.allowPrivate && !of.url) value.complain(wrong.allowPrivate());
  return {
    ...authority(of),
    url: of.url?.url(),
    policy: of.policy?.oid(),
    allowPrivate: of.allowPrivate?.flag() ?? false,
  };
}

function listEntry(value: JsonValue): ListEntry {
  const { url, file, allowPrivate } = value.fields([], ['url', 'file', 'allowPrivate']);
  const { path } = value;
  if (file && allowPrivate) value.complain(wrong.allowPrivate());
  if (url && !file) return { url: url.url(), allowPrivate: allowPrivate?.flag() ?? false, path };
  if (!file || url) value.complain(wrong.place());
  return { file: file?.relativePath() ?? '', path };
}
