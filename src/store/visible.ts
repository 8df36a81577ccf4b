import { Access, type Caller, SERVICES } from '../access/access.ts';
import { type PolicyClass, policyClass } from '../access/policy.ts';
import { knownTo, type Leg } from '../access/sight.ts';
import { UNDELIVERED } from '../access/undelivered.ts';
import { narrow } from './narrow.ts';
import { isDraft, isNoticeTo } from './notice-sql.ts';
import { bigints, type Values } from './sql.ts';

/**
 * The single predicate that decides whether a row of `resource` may be seen, matched, counted, sorted by or included. It is SQL, in
 * the same statement as the search itself, so that withdrawal holds from the commit on. It fails closed: without an Access
 * it throws, and a row of a class that has no rule here is visible to nobody.
 *
 * Two things must agree: what the scopes and roles leave of a type (narrow.ts), and what the policy says of the row. Where the token
 * leaves all of the types open, the SQL is the policy's alone.
 *
 * @param alias  of `resource` in the statement
 * @param types  the types that the row can have, where the statement knows them; all otherwise
 * @param leg  on which way the statement comes to the row
 */
export function visible(
  alias: string,
  access: Access,
  values: Values,
  types?: readonly string[],
  leg: Leg = 'read',
): string {
  const caller = callerOf(access);
  if (!caller) return 'TRUE';
  const narrowed = narrow(alias, access, values, types, leg);
  if (narrowed.condition === undefined) return policy(alias, caller, values, types);
  const named =
    leg === 'name' ? `${alias}.rid = ANY(${values.once('known', bigints(knownTo(caller)), 'bigint[]')})` : undefined;
  const left =
    narrowed.condition === 'FALSE'
      ? 'FALSE'
      : `${narrowed.condition} AND ${policy(alias, caller, values, narrowed.types)}`;
  return named ? `(${left} OR (${named} AND ${policy(alias, caller, values, types)}))` : `(${left})`;
}

/** The policy's rule for each class that the types can be of. */
function policy(alias: string, caller: Caller, values: Values, types: readonly string[] | undefined): string {
  const classes = types ? new Set(types.map(policyClass)) : new Set(Object.keys(RULES) as PolicyClass[]);
  const branches = [...classes].sort().flatMap((policyClass) => {
    const rule = RULES[policyClass];
    return rule ? [`(${alias}.class = '${policyClass}' AND (${rule(alias, caller, values, types)}))`] : [];
  });
  return branches.length === 0 ? 'FALSE' : `(${branches.join(' OR ')})`;
}

/**
 * Whether the caller may read a Patient's whole timeline and add to it: its hospital, or a live grant by keycode. Narrower than
 * `visible`: a Patient that a booking carries is seen, but not open.
 */
export function openPatient(alias: string, access: Access, values: Values): string {
  const caller = callerOf(access);
  if (!caller) return 'TRUE';
  return `(${alias}.home = ${organization(caller, values)} OR ${granted(`${alias}.patient`, caller, values)})`;
}

type Rule = (alias: string, caller: Caller, values: Values, types: readonly string[] | undefined) => string;

const RULES: Readonly<Partial<Record<PolicyClass, Rule>>> = {
  f: () => 'TRUE',
  d: (r, caller, values, types) =>
    caller.kind === 'operator'
      ? 'TRUE'
      : `${r}.owner = ${organization(caller, values)} OR (${r}.owner = ANY(${networks(caller, values)}) OR EXISTS (
          SELECT 1 FROM affiliation a WHERE a.member = ${r}.owner AND a.hospital = ANY(${networks(caller, values)})
          AND a.active AND a.starts <= now() AND a.ends > now()))${imagesAgreed('Endpoint', r, caller, types)}`,
  s: (r, caller, values) =>
    `${r}.owner = ${organization(caller, values)} OR ${r}.owner = ANY(${values.once('medical', bigints(caller.medical), 'bigint[]')})`,
  // Parties, and of notices those to whom they were published: whom a notice reaches need not be named on it.
  w: (r, caller, values, types) =>
    `${r}.owner = ${organization(caller, values)} OR ${isParty(r, caller, values)}${
      types && !types.includes('Communication')
        ? ''
        : ` OR (${r}.type = 'Communication' AND ${isNoticeTo(r, caller, values)})`
    }`,
  k: (r, caller, values) => `${r}.owner = ${organization(caller, values)} OR ${isParty(r, caller, values)}`,
  // Entries about a patient are the business of the patient's hospital and of those with a live grant, their author included.
  c: (r, caller, values, types) => {
    const org = organization(caller, values);
    return `(NOT ${r}.sealed OR ${r}.owner = ${org}) AND (
      ${r}.home = ${org}
      OR (${r}.patient IS NULL AND ${r}.patients IS NULL AND ${r}.owner = ${org})
      OR ${granted(`${r}.patient`, caller, values)}
      OR (${ownersPatients(r)} AND ${isParty(r, caller, values)}${imagesAgreed('ImagingStudy', r, caller, types)})
      OR (${r}.patients IS NOT NULL AND ${allPatients(`${r}.patients`, caller, values)}))`;
  },
  o: (r, caller, values) =>
    caller.kind === 'operator'
      ? 'TRUE'
      : `${r}.owner = ${organization(caller, values)} OR ${isParty(r, caller, values)}`,
};

/**
 * Images with results (service.md A4), and where they are fetched, go to others only where the contracts of both sides have them. Nothing for
 * statements that have no row of the type.
 */
function imagesAgreed(type: string, r: string, { services = 0 }: Caller, types: readonly string[] | undefined): string {
  if (types && !types.includes(type)) return '';
  if ((services & SERVICES.images) === 0) return ` AND ${r}.type <> '${type}'`;
  return ` AND (${r}.type <> '${type}' OR EXISTS (
    SELECT 1 FROM institution i WHERE i.rid = ${r}.owner AND i.services & ${SERVICES.images} <> 0))`;
}

/**
 * Whether all that it is about are its owner's own patients, or nobody: only then may naming somebody show it to them. What an institution
 * wrote into the timeline of another's patient is for those to whom the patient opened it.
 */
function ownersPatients(r: string): string {
  return `(${r}.home IS NULL OR ${r}.home = ${r}.owner) AND (${r}.patients IS NULL OR NOT EXISTS (
    SELECT 1 FROM unnest(${r}.patients) AS several(patient) JOIN resource p ON p.rid = several.patient WHERE p.owner <> ${r}.owner))`;
}

/** A resource about several patients is visible only to those who may see the timeline of each. */
function allPatients(column: string, caller: Caller, values: Values): string {
  return `NOT EXISTS (SELECT 1 FROM unnest(${column}) AS several(patient) WHERE NOT EXISTS (
    SELECT 1 FROM resource p WHERE p.rid = several.patient
    AND (p.owner = ${organization(caller, values)} OR ${granted('p.rid', caller, values)})))`;
}

/**
 * For one version of a visible resource, whose patients may have been others than today's: then every patient that it was about must
 * be open to the caller; one about nobody was its owner's. One that was not to be given away stays its owner's, and so do words of a notice
 * that others took the place of before it was shown.
 */
export function visibleVersion(
  version: string,
  resource: string,
  access: Access,
  values: Values,
  types?: readonly string[],
  leg: Leg = 'read',
): string {
  const caller = callerOf(access);
  if (!caller) return 'TRUE';
  const { condition } = narrow(resource, access, values, types, leg, version);
  const tagged = `convert_from(${version}.content, 'UTF8')::jsonb #> '{meta,tag}' @> ${values.once('undelivered', JSON.stringify([UNDELIVERED]), 'text')}::jsonb`;
  const draft =
    types && !types.includes('Communication')
      ? ''
      : ` AND (${resource}.owner = ${organization(caller, values)} OR NOT ${isDraft(version, resource)})`;
  return `(${condition === undefined ? '' : `${condition} AND `}(${resource}.owner = ${organization(caller, values)} OR CASE WHEN ${resource}.class = 'c' AND position('${UNDELIVERED.code}'::bytea IN ${version}.content) > 0 THEN NOT coalesce(${tagged}, false) ELSE TRUE END)
    AND ((${version}.patient IS NOT DISTINCT FROM ${resource}.patient AND ${version}.patients IS NOT DISTINCT FROM ${resource}.patients)
    OR (${allPatients(`coalesce(${version}.patients, ARRAY[${version}.patient])`, caller, values)} AND (${version}.patient IS NOT NULL OR ${version}.patients IS NOT NULL))
    OR (${version}.patient IS NULL AND ${version}.patients IS NULL AND ${resource}.owner = ${organization(caller, values)}))${draft})`;
}

/** Null for the system. What no constructor of Access has made is none, whatever it looks like. */
function callerOf(access: Access): Caller | null {
  if (!(access instanceof Access)) throw new Error('a predicate without an Access');
  return access.caller;
}

const organization = (caller: Caller, values: Values) => values.once('organization', caller.organization, 'bigint');
const networks = (caller: Caller, values: Values) => values.once('networks', bigints(caller.networks), 'bigint[]');

/** Grants are of other hospitals' timelines: an institution that is in no network but its own has none to look for. */
function granted(patient: string, caller: Caller, values: Values): string {
  if (caller.timeline.every((hospital) => hospital === caller.organization)) return 'FALSE';
  return `EXISTS (SELECT 1 FROM "grant" g WHERE g.organization = ${organization(caller, values)} AND g.patient = ${patient}
    AND g.starts <= now() AND g.ends > now() AND g.hospital = ANY(${values.once('timeline', bigints(caller.timeline), 'bigint[]')}))`;
}

const isParty = (r: string, caller: Caller, values: Values) =>
  `EXISTS (SELECT 1 FROM party y WHERE y.rid = ${r}.rid AND y.organization = ${organization(caller, values)})`;
