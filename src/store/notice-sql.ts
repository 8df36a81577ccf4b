import type { Caller } from '../access/access.ts';
import { bigints, type Values } from './sql.ts';

/** A timestamptz as epoch milliseconds. */
export const MILLISECONDS = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;

/** Whether the caller's institution is among those to whom a notice (alias `n` of `notice`) is addressed and, by now, shown. */
export const isShown = (n: string, caller: Caller, values: Values): string =>
  `${n}.published <= now() AND (${n}.everyone
    OR ${n}.institutions @> ARRAY[${values.once('organization', caller.organization, 'bigint')}]
    OR ${n}.networks && ${values.once('networks', bigints(caller.networks), 'bigint[]')})`;

/** Whether a version of a notice was corrected before anybody was shown it. */
export const isDraft = (version: string, r: string): string =>
  `(${r}.type = 'Communication' AND EXISTS (SELECT FROM notice n JOIN resource_version later ON later.rid = n.rid AND later.version > ${version}.version
    WHERE n.rid = ${r}.rid AND later.at <= extract(epoch FROM n.published) * 1000))`;

/** Whether a row of `resource` is a notice that the caller may read, for the predicate. */
export const isNoticeTo = (r: string, caller: Caller, values: Values): string =>
  `EXISTS (SELECT FROM notice n WHERE n.rid = ${r}.rid AND ${isShown('n', caller, values)})`;
