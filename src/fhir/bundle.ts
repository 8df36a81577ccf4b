import type { FoundRow } from '../store/search.ts';

export interface Link {
  readonly relation: string;
  readonly url: string;
}

export interface Entry {
  readonly fullUrl?: string;
  /** Stored bytes, which go into the answer as they are. */
  readonly resource?: Buffer | object;
  readonly search?: { readonly mode: 'match' | 'include' | 'outcome' };
  readonly request?: object;
  readonly response?: object;
}

export interface BundleParts {
  readonly type: string;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly total?: number | undefined;
  readonly link?: readonly Link[];
  readonly entry: readonly Entry[];
}

const CLOSE = Buffer.from(']}');
const END = Buffer.from('}');

/** A Bundle as bytes, around resources that are neither parsed nor written anew. */
export function bundle({ type, timestamp, total, link, entry }: BundleParts): Buffer {
  const head = JSON.stringify({
    resourceType: 'Bundle',
    type,
    timestamp: new Date(timestamp).toISOString(),
    ...(total !== undefined && { total }),
    ...(link && link.length > 0 && { link }),
  });
  if (entry.length === 0) return Buffer.from(head);
  const chunks: Buffer[] = [Buffer.from(`${head.slice(0, -1)},"entry":[`)];
  for (const [i, { resource, ...rest }] of entry.entries()) {
    const own = JSON.stringify(rest);
    const comma = i === 0 ? '' : ',';
    if (resource === undefined) {
      chunks.push(Buffer.from(comma + own));
    } else {
      chunks.push(Buffer.from(`${comma}${own.slice(0, -1)}${own === '{}' ? '' : ','}"resource":`));
      chunks.push(Buffer.isBuffer(resource) ? resource : Buffer.from(JSON.stringify(resource)), END);
    }
  }
  chunks.push(CLOSE);
  return Buffer.concat(chunks);
}

/** Entries of a search result. */
export function searchEntries(baseUrl: string, rows: readonly FoundRow[]): Entry[] {
  return rows.map((row) => ({
    fullUrl: `${baseUrl}/fhir/${row.type}/${row.id}`,
    search: { mode: row.mode },
    resource: row.content,
  }));
}
