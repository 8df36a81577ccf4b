import type { Words } from './say.ts';

export const TRUST: Readonly<Record<string, Words>> = Object.freeze({});
