import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto';
import type { Access } from '../access/access.ts';
import { refuse } from '../http/errors.ts';
import type { Position } from '../store/search.ts';
import type { Engine } from './engine.ts';

/**
 * A page link's position, sealed with AES-256-GCM for one caller and one query: it tells nothing, cannot be made up, and opens for
 * nobody else. It holds no result: each page asks the database again, with what the caller may see then.
 */
export function seal(engine: Engine, access: Access, query: string, position: Position): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(engine), iv).setAAD(boundTo(access, query));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(position)), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** Throws 400 for a link of another caller, another query, or none of ours. */
export function unseal(engine: Engine, access: Access, query: string, cursor: string): Position {
  const bytes = Buffer.from(cursor, 'base64url');
  try {
    const decipher = createDecipheriv('aes-256-gcm', keyOf(engine), bytes.subarray(0, 12), { authTagLength: 16 })
      .setAAD(boundTo(access, query))
      .setAuthTag(bytes.subarray(12, 28));
    return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString()) as Position;
  } catch {
    throw refuse.badRequest('The page link is not valid here; start again from the first page', undefined, 'value');
  }
}

const keyOf = (engine: Engine) => hash('sha256', engine.cursorSecret, 'buffer');

const boundTo = ({ caller }: Access, query: string) =>
  Buffer.from(`${caller?.organization ?? ''}\u001f${caller?.clientId ?? ''}\u001f${query}`);
