import { resourceTypes, type SearchParameter, searchParameters } from '../../definitions/index.ts';
import { type Branch, branches } from './branch.ts';
import { alternatives } from './expression.ts';

/** What the index holds for the search parameters of one resource type. */
interface Indexed {
  readonly parameters: ReadonlyMap<string, SearchParameter>;
  readonly sources: ReadonlyMap<string, readonly string[]>;
}

const made = new Map<string, Indexed>();

/** The parameters of a type that can be searched for, by code: all but composite and special ones. */
export function indexedParameters(type: string): ReadonlyMap<string, SearchParameter> {
  return indexed(type).parameters;
}

/**
 * The parameters under whose keys and numbers the values of a parameter lie. Mostly the parameter itself; one that is
 * the union of others (`combo-code` of `code` and `component-code`) or the same as another (`phonetic` as `name`) takes no rows of its
 * own. References always have their own, as includes and chains walk them by one salt.
 */
export function sources(type: string, code: string): readonly string[] {
  return indexed(type).sources.get(code) ?? [code];
}

const branchesMade = new Map<string, readonly Branch[]>();

export function branchesOf(type: string, code: string): readonly Branch[] {
  const name = `${type}.${code}`;
  let found = branchesMade.get(name);
  if (!found) {
    found = branches(type, searchParameters(type).get(code)?.expression ?? '');
    branchesMade.set(name, found);
  }
  return found;
}

/**
 * Resource types to which a reference parameter can point: what the parameter declares, narrowed by what its elements allow and by
 * `.where(resolve() is …)`, so that `patient` means Patient alone.
 */
export function targetsOf(type: string, code: string): readonly string[] {
  const name = `${type}.${code}`;
  let targets = targetsMade.get(name);
  if (!targets) {
    targets = possibleTargets(type, code);
    targetsMade.set(name, targets);
  }
  return targets;
}

const targetsMade = new Map<string, readonly string[]>();

function possibleTargets(type: string, code: string): readonly string[] {
  const declared = searchParameters(type).get(code)?.targets ?? [];
  const allowed = branchesOf(type, code).map(allowedTargets);
  const any = allowed.some((types) => types === null);
  const possible = any ? [] : [...new Set(allowed.flatMap((types) => types ?? []))];
  if (declared.length === 0) return possible.length > 0 ? possible : resourceTypes();
  const both = declared.filter((target) => possible.includes(target));
  return both.length > 0 ? both : declared;
}

/** The types to which the values of a branch may refer; null for any. */
function allowedTargets({ only, element, datatype }: Branch): readonly string[] | null {
  if (only) return [only];
  const ways = element?.types.filter((one) => one.code === datatype) ?? [];
  const targets = ways.flatMap((one) => one.targets ?? []);
  return ways.every((one) => one.targets) && targets.length > 0 ? targets : null;
}

function indexed(type: string): Indexed {
  const known = made.get(type);
  if (known) return known;
  const parameters = new Map(
    [...searchParameters(type)].filter(
      ([code, { type: kind }]) => kind !== 'composite' && kind !== 'special' && branchesOf(type, code).length > 0,
    ),
  );
  const result = { parameters, sources: decompose([...parameters.values()]) };
  made.set(type, result);
  return result;
}

function decompose(parameters: readonly SearchParameter[]): ReadonlyMap<string, readonly string[]> {
  const parts = new Map(parameters.map((one) => [one.code, alternatives(one.expression).map(bare)]));
  const size = ({ code }: SearchParameter): number => parts.get(code)?.length ?? 0;
  const bySize = parameters
    .filter((one) => one.type !== 'reference' && !one.code.startsWith('_'))
    .sort((a, b) => size(a) - size(b) || a.code.length - b.code.length);
  const found = new Map<string, readonly string[]>();
  const kept: SearchParameter[] = [];
  for (const parameter of bySize) {
    const wanted = new Set(parts.get(parameter.code));
    const smaller = kept.filter(
      (other) => other.type === parameter.type && parts.get(other.code)?.every((part) => wanted.has(part)),
    );
    const cover: string[] = [];
    for (const { code } of smaller) {
      const own = parts.get(code) ?? [];
      if (own.some((part) => wanted.has(part))) cover.push(code);
      for (const part of own) wanted.delete(part);
    }
    if (wanted.size > 0) kept.push(parameter);
    else found.set(parameter.code, cover);
  }
  return found;
}

/** An alternative without the brackets and spaces around it. */
const bare = (alternative: string): string =>
  alternative
    .replace(/^\((.*)\)$/, '$1')
    .replace(/\s+/g, ' ')
    .trim();
