/** The project's own definitions: fhir-profiles/ and terminology/, read once. */
import { existsSync, readdirSync } from 'node:fs';
import { load } from './load.ts';

let all: readonly object[] | undefined;

/** Our StructureDefinitions, CodeSystems, ValueSets … as resources, in the order of their file names. Frozen at the top only. */
export function ownDefinitions(): readonly object[] {
  all ??= Object.freeze(['../../fhir-profiles/', '../../terminology/'].flatMap(folder));
  return all;
}

function folder(path: string): object[] {
  const url = new URL(path, import.meta.url);
  if (!existsSync(url)) return [];
  const files = readdirSync(url).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => load<object>(`${path}${file}`));
}
