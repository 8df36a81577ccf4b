/**
 * What becomes of the rows of each table when an institution is erased, and why. A test fails for a table of the schema that is not here: whoever
 * makes one says here what becomes of it. `erased`: in which step its rows go; `kept`: why nothing of them has to.
 */
export type Fate = { readonly erased: ErasureStep } | { readonly kept: string };

/** The steps of an erasure, in their order; each but the last two is done in batches, one transaction each. */
export const ERASURE_STEPS = [
  'audit',
  'letters',
  'evidence',
  'resources',
  'resources-again',
  'keycodes',
  'grants',
  'oauth',
  'clients',
  'people',
  'rest',
  'audit-again',
  'organization',
  'vacuum',
] as const;
export type ErasureStep = (typeof ERASURE_STEPS)[number];

const erased = (step: ErasureStep): Fate => Object.freeze({ erased: step });
const kept = (why: string): Fate => Object.freeze({ kept: why });

const SERVER = 'the server’s own; names no institution';
const CHAIN = 'the chain of the audit: counts and hashes';

export const ERASURE_PLAN: Readonly<Record<string, Fate>> = Object.freeze({
  access_token: erased('oauth'),
  affiliation: erased('grants'),
  app_consent: erased('oauth'),
  audit: erased('audit'),
  audit_clock: kept(CHAIN),
  audit_day: kept(CHAIN),
  audit_dropped: kept(CHAIN),
  audit_seal: kept(CHAIN),
  authorization_code: erased('oauth'),
  authorization_grant: erased('oauth'),
  client: erased('clients'),
  contract: kept('the operator’s record of the contract, without which nobody could say that it ended'),
  crl: kept('public lists of certificate authorities'),
  crl_source: kept('public lists of certificate authorities'),
  disclosure: kept('the operator’s record of disclosures (Art. 17): accounts by number, no names of them'),
  erased_resource: kept('the record of the erasure: keys, from which no type or id can be read'),
  erasure: kept('the record of the erasure'),
  erasure_count: kept('the record of the erasure'),
  erasure_evidence: kept('empty but during an erasure'),
  evidence: erased('evidence'),
  factor: erased('people'),
  factor_setup: erased('people'),
  grant: erased('grants'),
  index_state: kept(SERVER),
  institution: kept(
    'that there was the institution, its name and its kind: contracts, audit and timelines of hospitals name it',
  ),
  interaction: erased('oauth'),
  invitation: erased('people'),
  job: kept(SERVER),
  keycode: erased('keycodes'),
  keycode_attempt: erased('keycodes'),
  keycode_redemption: erased('keycodes'),
  launch: erased('oauth'),
  letter: erased('letters'),
  letter_attempt: erased('letters'),
  letter_order: erased('letters'),
  letter_part: erased('letters'),
  letter_verification: erased('letters'),

  notice: erased('rest'),
  notice_read: erased('rest'),
  outbox_cursor: kept('how far consumers have read; what they read is resource_version'),
  party: erased('grants'),
  person: erased('people'),
  person_address: erased('people'),
  person_password: erased('people'),
  range: erased('resources'),
  recovery_code: erased('people'),
  refresh_token: erased('oauth'),
  resource: erased('resources'),
  resource_version: erased('resources'),
  schema_migration: kept(SERVER),
  secret: kept(SERVER),
  session: erased('people'),
  signer: erased('letters'),
  signing_key: kept(SERVER),
  software: erased('clients'),
  standing_event: erased('rest'),
  string: erased('resources'),
  terminal: erased('clients'),
  terms: kept('the operator’s texts'),
  terms_accepted: erased('people'),
  throttle: kept('hashes that expire within days and name nobody; nothing of it came in since its contract ended'),
  used_assertion: kept('hashes that expire within minutes and name nobody'),
});

/** A table whose rows are found by one condition. */
export interface PlainErasure {
  readonly step: ErasureStep;
  readonly table: string;
  /** SQL on `t`; `$1` is the rid of the institution. */
  readonly where: string;
}

const ITS_PEOPLE = '(SELECT p.id FROM person p WHERE p.institution = $1::bigint)';
const ITS_CLIENTS = '(SELECT c.id FROM client c WHERE c.institution = $1::bigint)';
/** What others' people opened apps for, and is gone. */
const ERASED_PATIENT = 'EXISTS (SELECT FROM erased_resource e WHERE e.rid = t.patient)';
const ITS_GRANTS = `(SELECT t.id FROM authorization_grant t WHERE t.person IN ${ITS_PEOPLE} OR t.client IN ${ITS_CLIENTS} OR ${ERASED_PATIENT})`;
const ITS_LETTERS = '(SELECT l.id FROM letter l WHERE l.organization = $1::bigint)';

/** Whether a notice `n` was for nobody but `$1` and institutions that were erased before. */
const toldAlone = (
  n: string,
): string => `(NOT ${n}.everyone AND (${n}.networks || ${n}.institutions) @> ARRAY[$1::bigint]
  AND NOT EXISTS (SELECT FROM unnest(${n}.networks || ${n}.institutions) x WHERE x <> $1::bigint
    AND NOT EXISTS (SELECT FROM erasure e WHERE e.institution = x AND e.state = 'done')))`;

const OPERATOR = "(SELECT o.rid FROM institution o WHERE o.kind = 'operator')";

/**
 * What goes, of `r`: what it owns, and the whole of its own timeline whoever wrote in it; but what it wrote into the timeline of another hospital
 * stays with that hospital. Of what the operator told it alone only the notices of its contract stay. `$1` is its rid.
 */
export const GOES = `r.rid <> $1::bigint AND (r.owner = $1::bigint AND (r.home IS NULL OR r.home = $1::bigint) OR r.home = $1::bigint
    OR r.type = 'Communication' AND r.owner IN ${OPERATOR} AND (
      EXISTS (SELECT FROM notice n WHERE n.rid = r.rid AND n.kind <> 'contract' AND ${toldAlone('n')})
      OR EXISTS (SELECT FROM party y WHERE y.rid = r.rid AND y.organization = $1::bigint)
        AND NOT EXISTS (SELECT FROM party y WHERE y.rid = r.rid AND y.organization NOT IN ($1::bigint, r.owner))
        AND NOT EXISTS (SELECT FROM resource_version v WHERE v.rid = r.rid
          AND position('CodeSystem/contract-notice'::bytea IN v.content) > 0)))`;

const plain = (step: ErasureStep, table: string, where: string): PlainErasure => Object.freeze({ step, table, where });

/** In the order in which they go: what refers to another goes before it. */
export const PLAIN_ERASURES: readonly PlainErasure[] = Object.freeze([
  plain('letters', 'letter_attempt', `t.letter IN ${ITS_LETTERS}`),
  plain('letters', 'letter_part', `t.letter IN ${ITS_LETTERS}`),
  plain('letters', 'letter_order', `t.letter IN ${ITS_LETTERS}`),
  plain('letters', 'letter_verification', `t.letter IN ${ITS_LETTERS}`),
  plain('letters', 'letter', 't.organization = $1::bigint'),
  plain('letters', 'signer', 't.organization = $1::bigint'),
  plain(
    'keycodes',
    'keycode_attempt',
    't.organization = $1::bigint OR t.keycode IN (SELECT k.id FROM keycode k WHERE k.created_by = $1::bigint)',
  ),
  plain(
    'keycodes',
    'keycode_redemption',
    't.organization = $1::bigint OR t.keycode IN (SELECT k.id FROM keycode k WHERE k.created_by = $1::bigint)',
  ),
  plain('keycodes', 'keycode', 't.created_by = $1::bigint'),
  plain('grants', 'grant', 't.organization = $1::bigint OR t.hospital = $1::bigint'),
  plain('grants', 'affiliation', 't.hospital = $1::bigint'),
  plain(
    'grants',
    'party',
    't.organization = $1::bigint AND NOT EXISTS (SELECT FROM contract c WHERE c.institution = $1::bigint AND t.via = c.rid)',
  ),
  plain('oauth', 'refresh_token', `t.grant_id IN ${ITS_GRANTS}`),
  plain('oauth', 'authorization_code', `t.grant_id IN ${ITS_GRANTS}`),
  plain('oauth', 'access_token', `t.client IN ${ITS_CLIENTS} OR t.grant_id IN ${ITS_GRANTS}`),
  plain('oauth', 'authorization_grant', `t.person IN ${ITS_PEOPLE} OR t.client IN ${ITS_CLIENTS} OR ${ERASED_PATIENT}`),
  plain('oauth', 'app_consent', `t.person IN ${ITS_PEOPLE} OR t.client IN ${ITS_CLIENTS}`),
  plain(
    'oauth',
    'launch',
    `t.institution = $1::bigint OR t.person IN ${ITS_PEOPLE} OR t.client IN ${ITS_CLIENTS} OR ${ERASED_PATIENT}`,
  ),
  plain(
    'oauth',
    'interaction',
    `EXISTS (SELECT FROM client c WHERE c.institution = $1::bigint AND position(c.id IN t.content::text) > 0)`,
  ),
  plain('clients', 'software', 't.institution = $1::bigint'),
  plain('clients', 'client', 't.institution = $1::bigint'),
  plain('clients', 'terminal', 't.institution = $1::bigint'),
  ...(['terms_accepted', 'recovery_code', 'factor', 'invitation', 'person_password', 'person_address'] as const).map(
    (table) => plain('people', table, `t.person IN ${ITS_PEOPLE}`),
  ),
  plain('people', 'factor_setup', `t.session IN (SELECT s.id FROM session s WHERE s.person IN ${ITS_PEOPLE})`),
  plain('people', 'session', `t.person IN ${ITS_PEOPLE}`),
  plain(
    'rest',
    'notice_read',
    `t.institution = $1::bigint OR t.person IN ${ITS_PEOPLE} OR t.rid IN (SELECT n.rid FROM notice n WHERE n.publisher = $1::bigint)`,
  ),
  plain('rest', 'notice', `t.publisher = $1::bigint OR ${toldAlone('t')}`),
  plain('people', 'person', 't.institution = $1::bigint'),
  plain('rest', 'standing_event', 't.institution = $1::bigint'),
]);
