import { createHash } from 'node:crypto';

/** Hex: by which certificates and lists are named in evidence. */
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
