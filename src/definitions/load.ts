import { readFileSync } from 'node:fs';

/** Parses a data file that lies beside this module, `r4/types.json`, or one of the project's own, `../../terminology/x.json`. */
export function load<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as T;
}

/** `http://…/observation-status|4.0.1` → `http://…/observation-status`. */
export function withoutVersion(canonical: string): string {
  const bar = canonical.indexOf('|');
  return bar < 0 ? canonical : canonical.slice(0, bar);
}
