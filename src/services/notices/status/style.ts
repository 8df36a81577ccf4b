import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const bytes = readFileSync(new URL('./status.css', import.meta.url));

/** What the status page has beyond the style of all pages, under a name that changes with its content. */
export const STATUS_STYLE = Object.freeze({
  path: `/assets/status.${hash('sha256', bytes, 'hex').slice(0, 16)}.css`,
  bytes,
});
