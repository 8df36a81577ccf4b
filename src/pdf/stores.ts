import type { Catalogs } from './catalog.ts';
import type { SecurityStore } from './examination.ts';
import { PdfError } from './findings.ts';
import { decodeStream } from './stream.ts';
import type { Update } from './update.ts';
import { get, nameOf, type PdfArray, type PdfDictionary, type PdfObject, type PdfValue } from './values.ts';

/** References in all arrays of one store, and bytes decoded in one file and from one stream. */
const MOST_REFERENCES = 4_096;
const LONGEST_FILE = 64 * 1024 * 1024;
const LONGEST_STREAM = 16 * 1024 * 1024;

type Kind = keyof SecurityStore;

const DSS: Readonly<Record<string, Kind>> = Object.freeze({ Certs: 'certs', CRLs: 'crls', OCSPs: 'ocsps' });
const VRI: Readonly<Record<string, Kind>> = Object.freeze({ Cert: 'certs', CRL: 'crls', OCSP: 'ocsps' });

const fail = (what: string): never => {
  throw new PdfError('DSS_MALFORMED', what);
};

/**
 * Document security stores (ETSI EN 319 142-1 §5.4.2) of one file, update by update. A stream that stood in an earlier store keeps its
 * place; a new one was added by the update itself; nothing else of the file is read as a certificate or a list.
 */
export class SecurityStores {
  readonly #decoded = new Map<PdfObject, Uint8Array>();
  #left = LONGEST_FILE;

  /** The store as the update sets it; nothing when it does not touch it. Throws. */
  read(update: Update, { old, now }: Catalogs): SecurityStore | undefined {
    const place = get(now, 'DSS');
    const before = update.before(get(old, 'DSS'));
    const store = update.follow(place, get(old, 'DSS'), 'DSS_MALFORMED');
    if (!store) return undefined;
    if (store.kind !== 'dictionary') return fail('/DSS is no dictionary');
    if (store === before) return undefined;
    const found: Record<Kind, Set<PdfObject>> = { certs: new Set(), crls: new Set(), ocsps: new Set() };
    const walk = new Walk(update, knownBefore(update, before), found);
    for (const [key, value] of store.entries) {
      if (Object.hasOwn(DSS, key)) walk.list(value, get(before, key), DSS[key]!);
      else if (key === 'VRI') walk.vri(value, get(before, 'VRI'));
      else if (key !== 'Type' || nameOf(value) !== 'DSS') fail(`unknown key in /DSS at ${value.start}`);
    }
    const decoded = (kind: Kind) => [...found[kind]].map((object) => this.#decode(update.bytes, object));
    const result = { certs: decoded('certs'), crls: decoded('crls'), ocsps: decoded('ocsps') };
    for (const object of walk.timestamps) this.#decode(update.bytes, object);
    return result;
  }

  #decode(bytes: Uint8Array, object: PdfObject): Uint8Array {
    const known = this.#decoded.get(object);
    if (known) return known;
    for (const key of object.value.kind === 'dictionary' ? object.value.entries.keys() : []) {
      if (!['Length', 'Filter', 'DL'].includes(key)) {
        throw new PdfError('DSS_FILTER', `stream ${object.number} has more than a length and a filter`);
      }
    }
    const data = decodeStream(bytes, object, Math.min(LONGEST_STREAM, this.#left), 'DSS_FILTER');
    this.#left -= data.length;
    this.#decoded.set(object, data);
    return data;
  }
}

/** Numbers of the streams that the store before refers to. */
function knownBefore(update: Update, before: PdfValue | undefined): ReadonlySet<number> {
  const known = new Set<number>();
  const add = (value: PdfValue | undefined) => {
    const list = update.before(value);
    if (list?.kind === 'array') for (const item of list.items) if (item.kind === 'reference') known.add(item.number);
  };
  for (const key of Object.keys(DSS)) add(get(before, key));
  const vri = update.before(get(before, 'VRI'));
  if (vri?.kind !== 'dictionary') return known;
  for (const value of vri.entries.values()) {
    const material = update.before(value);
    for (const key of Object.keys(VRI)) add(get(material, key));
    const timestamp = get(material, 'TS');
    if (timestamp?.kind === 'reference') known.add(timestamp.number);
  }
  return known;
}

class Walk {
  readonly timestamps = new Set<PdfObject>();
  readonly #update: Update;
  readonly #known: ReadonlySet<number>;
  readonly #found: Record<Kind, Set<PdfObject>>;
  #references = 0;

  constructor(update: Update, known: ReadonlySet<number>, found: Record<Kind, Set<PdfObject>>) {
    this.#update = update;
    this.#known = known;
    this.#found = found;
  }

  list(value: PdfValue, old: PdfValue | undefined, kind: Kind): void {
    for (const item of this.#array(value, old).items) this.#found[kind].add(this.#stream(item));
  }

  /** By signature, what belongs to it (ETSI EN 319 142-1 §5.4.2.3). */
  vri(value: PdfValue, old: PdfValue | undefined): void {
    const before = this.#update.before(old);
    for (const [key, item] of this.#dictionary(value, old).entries) {
      if (key === 'Type' && nameOf(item) === 'VRI') continue;
      if (!/^[\dA-Fa-f]{40}$/.test(key)) fail(`a key in /VRI is no SHA-1 digest at ${item.start}`);
      this.#material(item, get(before, key));
    }
  }

  #material(value: PdfValue, old: PdfValue | undefined): void {
    const before = this.#update.before(old);
    for (const [key, item] of this.#dictionary(value, old).entries) {
      if (Object.hasOwn(VRI, key)) this.list(item, get(before, key), VRI[key]!);
      else if (key === 'TS') this.timestamps.add(this.#stream(item));
      else if (!(key === 'TU' && item.kind === 'string') && !(key === 'Type' && nameOf(item) === 'VRI')) {
        fail(`unknown key in /VRI at ${item.start}`);
      }
    }
  }

  #dictionary(value: PdfValue, old: PdfValue | undefined): PdfDictionary {
    this.#count();
    const found = this.#update.follow(value, old, 'DSS_MALFORMED');
    return found?.kind === 'dictionary' ? found : fail(`no dictionary at ${value.start}`);
  }

  #array(value: PdfValue, old: PdfValue | undefined): PdfArray {
    this.#count();
    const found = this.#update.follow(value, old, 'DSS_MALFORMED');
    return found?.kind === 'array' ? found : fail(`no array at ${value.start}`);
  }

  #stream(value: PdfValue): PdfObject {
    this.#count();
    if (value.kind !== 'reference') return fail(`no reference at ${value.start}`);
    const place = this.#known.has(value.number) && !this.#update.revision.objects.has(value.number) ? value : undefined;
    return this.#update.object(value, place, 'DSS_MALFORMED');
  }

  #count(): void {
    if (++this.#references > MOST_REFERENCES) fail(`more than ${MOST_REFERENCES} references`);
  }
}
