import { printable } from '../sign/words.ts';

type Json = Readonly<Record<string, unknown>>;

/** What of each type stands in a list: heading and path. */
const COLUMNS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  Organization: [
    ['id', 'id'],
    ['active', 'active'],
    ['kind', 'type.coding.code'],
    ['name', 'name'],
  ],
  Contract: [
    ['id', 'id'],
    ['status', 'status'],
    ['number', 'identifier.value'],
    ['institution', 'subject.reference'],
    ['from', 'applies.start'],
    ['to', 'applies.end'],
  ],
  AuditEvent: [
    ['recorded', 'recorded'],
    ['subtype', 'subtype.code'],
    ['outcome', 'outcome'],
    ['agent', 'agent.who.reference'],
    ['entity', 'entity.what.reference'],
  ],
  Communication: [
    ['id', 'id'],
    ['sent', 'sent'],
    ['kind', 'category.coding.code'],
    ['title', 'topic.text'],
  ],
};
const ANY = [
  ['type', 'resourceType'],
  ['id', 'id'],
  ['status', 'status'],
] as const;

/** Columns of a terminal that a text takes: East Asian wide and full-width characters take two (UAX #11). */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mn}|\p{Me}|\p{Cf}/u.test(character)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}

const padded = (text: string, width: number) => text + ' '.repeat(Math.max(0, width - widthOf(text)));

/** Rows in columns that stand below each other. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, widthOf(cell));
  return rows
    .map((row) =>
      row
        .map((cell, i) => padded(cell, widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A resource for people to read. */
export function plainly(resource: unknown): string {
  const one = Object(resource) as Json;
  if (one.resourceType === 'Parameters') return printable(parameters(list(one.parameter), 0).join('\n'));
  if (one.resourceType === 'Bundle')
    return printable(table(list(one.entry).map((entry) => Object(entry.resource) as Json)));
  return printable(table([one]));
}

function table(resources: readonly Json[]): string {
  const columns = (COLUMNS[String(resources[0]?.resourceType)] ?? ANY) as readonly (readonly [string, string])[];
  if (resources.length === 0) return '';
  return aligned([
    columns.map(([heading]) => heading),
    ...resources.map((one) => columns.map(([, path]) => at(one, path.split('.')).join(',').replaceAll('\n', ' '))),
  ]);
}

function at(value: unknown, [name, ...rest]: readonly string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => at(one, name === undefined ? [] : [name, ...rest]));
  if (value === undefined || value === null) return [];
  if (name === undefined) return [String(value)];
  return at((Object(value) as Json)[name], rest);
}

/** Simple parameters below each other; those with the same parts, more than one, as a table. */
function parameters(given: readonly Json[], depth: number): string[] {
  const indent = '  '.repeat(depth);
  const simple = given.filter((one) => !Array.isArray(one.part));
  const lines =
    simple.length === 0 ? [] : aligned(simple.map((one) => [`${String(one.name)}:`, text(one)])).split('\n');
  const out = lines.map((line) => indent + line);
  const names = [...new Set(given.filter((one) => Array.isArray(one.part)).map((one) => String(one.name)))];
  for (const name of names) {
    const all = given.filter((one) => one.name === name && Array.isArray(one.part)).map((one) => list(one.part));
    out.push(`${indent}${name}:`);
    const flat = all.every((parts) => parts.every((part) => !Array.isArray(part.part)));
    if (!flat || all.length === 1) for (const parts of all) out.push(...parameters(parts, depth + 1));
    else out.push(...columns(all).map((line) => `${indent}  ${line}`));
  }
  return out;
}

function columns(all: readonly (readonly Json[])[]): string[] {
  const headings = [...new Set(all.flatMap((parts) => parts.map((part) => String(part.name))))];
  const cell = (parts: readonly Json[], name: string) =>
    parts
      .filter((part) => part.name === name)
      .map((part) => text(part).replaceAll('\n', ' '))
      .join(',');
  return aligned([headings, ...all.map((parts) => headings.map((name) => cell(parts, name)))]).split('\n');
}

function text(one: Json): string {
  if (one.resource !== undefined) return plainly(one.resource);
  const value = Object.entries(one).find(([key]) => key.startsWith('value'))?.[1];
  if (value === undefined) return '';
  if (typeof value !== 'object' || value === null) return String(value);
  const { reference, display, code } = value as Json;
  return (
    [reference, display].filter((part) => typeof part === 'string').join(' ') ||
    (typeof code === 'string' ? code : JSON.stringify(value))
  );
}

const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map((one) => Object(one) as Json) : []);
