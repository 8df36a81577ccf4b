import { createHash } from 'node:crypto';
import { Appendix, nameToken } from './append.ts';
import { decodeStream } from './stream.ts';
import { get, type PdfValue } from './values.ts';

/** DER all. `vri`: by `vriKey` of a signature's contents, what belongs to that signature. */
export interface ValidationMaterial {
  readonly certificates: readonly Uint8Array[];
  readonly crls: readonly Uint8Array[];
  readonly vri?: Readonly<
    Record<string, { readonly certificates: readonly Uint8Array[]; readonly crls: readonly Uint8Array[] }>
  >;
}

/**
 * Appends an update with a document security store (ETSI EN 319 142-1 §5.4.2). What an earlier store holds stays and is not added again.
 * Throws PdfError for a file that cannot be updated.
 */
export function addDss(pdf: Uint8Array, material: ValidationMaterial): Uint8Array {
  const appendix = new Appendix(pdf);
  const place = get(appendix.catalog, 'DSS');
  const old = appendix.resolve(place);
  const certificates = new Streams(appendix, get(old, 'Certs'));
  const crls = new Streams(appendix, get(old, 'CRLs'));
  const vri = vriEntries(appendix, get(old, 'VRI'));
  for (const [key, { certificates: certs, crls: lists }] of Object.entries(material.vri ?? {})) {
    vri.set(key, `<< /Cert ${certificates.arrayOf(certs)} /CRL ${crls.arrayOf(lists)} >>`);
  }
  certificates.arrayOf(material.certificates);
  crls.arrayOf(material.crls);
  const written = {
    Certs: certificates.all(),
    CRLs: crls.all(),
    ...(vri.size > 0 && { VRI: `<<\n${[...vri].map(([key, value]) => `${nameToken(key)} ${value}`).join('\n')}\n>>` }),
  };
  if (old?.kind === 'dictionary' && place?.kind === 'reference') {
    appendix.set(place.number, appendix.rewritten(old, written));
  } else {
    const lines = Object.entries({ Type: '/DSS', ...written }).map(([key, value]) => `/${key} ${value}`);
    const store = appendix.add(`<<\n${lines.join('\n')}\n>>`);
    appendix.set(appendix.root.number, appendix.rewritten(appendix.catalog, { DSS: `${store} 0 R` }));
  }
  return appendix.finish().bytes;
}

function vriEntries(appendix: Appendix, value: PdfValue | undefined): Map<string, string> {
  const old = appendix.resolve(value);
  const entries = old?.kind === 'dictionary' ? [...old.entries] : [];
  return new Map(entries.map(([key, item]) => [key, appendix.raw(item)]));
}

const LONGEST = 16 * 1024 * 1024;

/** One array of streams: those that were in it, and those that are added, each once. */
class Streams {
  readonly #appendix: Appendix;
  readonly #references = new Map<string, string>();

  constructor(appendix: Appendix, value: PdfValue | undefined) {
    this.#appendix = appendix;
    const old = appendix.resolve(value);
    for (const item of old?.kind === 'array' ? old.items : []) {
      const object = item.kind === 'reference' ? appendix.objects.get(item.number) : undefined;
      if (object)
        this.#references.set(digest(decodeStream(appendix.pdf, object, LONGEST, 'DSS_FILTER')), appendix.raw(item));
    }
  }

  arrayOf(list: readonly Uint8Array[]): string {
    return `[${list.map((data) => this.#reference(data)).join(' ')}]`;
  }

  all(): string {
    return `[${[...this.#references.values()].join(' ')}]`;
  }

  #reference(data: Uint8Array): string {
    const key = digest(data);
    const known = this.#references.get(key);
    if (known) return known;
    const added = `${this.#appendix.addStream(data)} 0 R`;
    this.#references.set(key, added);
    return added;
  }
}

const digest = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** SHA-1 in upper-case hex over the /Contents bytes, padding included (ETSI EN 319 142-1 §5.4.2.3). */
export function vriKey(contents: Uint8Array): string {
  return createHash('sha1').update(contents).digest('hex').toUpperCase();
}
