import { patientCompartment, type SearchParameter } from '../../definitions/index.ts';
import type { Keys } from '../../store/keys.ts';
import { type Walk, walk } from './branch.ts';
import { clinicalDates } from './clinical-date.ts';
import { dateLeaf } from './date.ts';
import { keysOf } from './keys-of.ts';
import type { Leaf, Param, Rows } from './leaf.ts';
import { numberLeaf } from './number.ts';
import { branchesOf, indexedParameters, sources } from './parameters.ts';
import { quantityLeaf } from './quantity.ts';
import { referenceLeaf } from './reference.ts';
import { stringLeaf } from './string.ts';
import { tokenLeaf } from './token.ts';
import { uriLeaf } from './uri.ts';

/** Everything to index resources of one type with the keys of one database. */
export interface IndexPlan {
  readonly walks: readonly Walk<Rows>[];
  /** Number of each date parameter that tells when the resource happened, the most telling first. */
  readonly dates: readonly bigint[];
  /** Calls back with each Reference by which the resource enters the Patient compartment. */
  readonly compartment: readonly Walk<(reference: unknown) => void>[];
}

/** Columns of the resource table, which need no rows. */
const UNINDEXED: ReadonlySet<string> = new Set(['_id', '_lastUpdated']);

const plans = new WeakMap<Keys, Map<string, IndexPlan>>();

export function indexPlan(type: string, keys: Keys): IndexPlan {
  const byType = plans.get(keys) ?? new Map<string, IndexPlan>();
  plans.set(keys, byType);
  const plan = byType.get(type) ?? make(type, keys);
  byType.set(type, plan);
  return plan;
}

function make(type: string, keys: Keys): IndexPlan {
  const walks: Walk<Rows>[] = [];
  for (const parameter of indexedParameters(type).values()) {
    if (UNINDEXED.has(parameter.code) || sources(type, parameter.code)[0] !== parameter.code) continue;
    const param: Param = { type, code: parameter.code, keys, param: keys.param(type, parameter.code) };
    for (const branch of branchesOf(type, parameter.code)) {
      const leaf = leafOf(parameter.type, branch.datatype, param);
      if (leaf) walks.push(walk(branch, leaf));
    }
  }
  const compartment = patientCompartment(type).flatMap((code) =>
    branchesOf(type, code)
      .filter((branch) => branch.datatype === 'Reference')
      .map((branch) => walk<(reference: unknown) => void>(branch, (value, found) => found(value))),
  );
  return {
    walks,
    dates: clinicalDates(type).flatMap((code) => sources(type, code).map((source) => keys.param(type, source))),
    compartment,
  };
}

type Typed = (value: unknown, rows: Rows, datatype: string) => void;

/** The leaf of a branch; where the datatype is known only at run time, one that looks it up then. */
function leafOf(kind: SearchParameter['type'], datatype: string, param: Param): Typed | null {
  if (datatype === '') {
    const byDatatype = new Map<string, Leaf | null>();
    return (value, rows, found) => {
      if (!byDatatype.has(found)) byDatatype.set(found, present(kind, makeLeaf(kind, found, param), param));
      byDatatype.get(found)?.(value, rows);
    };
  }
  return present(kind, makeLeaf(kind, datatype, param), param);
}

function makeLeaf(kind: SearchParameter['type'], datatype: string, param: Param): Leaf | null {
  switch (kind) {
    case 'token':
      return tokenLeaf(datatype, param);
    case 'string':
      return stringLeaf(datatype, param);
    case 'date':
      return dateLeaf(datatype, param.param);
    case 'reference':
      return referenceLeaf(datatype, param);
    case 'number':
      return numberLeaf(datatype, param.param);
    case 'quantity':
      return quantityLeaf(datatype, param.param, param.keys);
    case 'uri':
      return uriLeaf(datatype, param);
    case 'composite':
    case 'special':
      return null;
  }
}

/** Adds the key of presence for the kinds of parameter that leave no row in the range or string table. */
function present(kind: SearchParameter['type'], leaf: Leaf | null, { keys, type, code }: Param): Leaf | null {
  if (!leaf || (kind !== 'token' && kind !== 'reference' && kind !== 'uri')) return leaf;
  const key = keysOf.present(keys, type, code);
  return (value, rows) => {
    rows.key(key);
    leaf(value, rows);
  };
}
