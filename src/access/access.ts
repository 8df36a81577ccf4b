import type { Query } from './query.ts';
import type { PersonRole } from './roles.ts';

/**
 * What a caller may: a pure value made from the Caller and the policy table. The store's functions take an Access as their
 * first argument and throw without one. Nothing here reads a database, a clock or the environment.
 */

/** Kinds of institution (service.md): who may use which service depends on it. */
export type InstitutionKind = 'cooperating-hospital' | 'medical' | 'care' | 'health' | 'municipality' | 'operator';

/** Purposes of use, codes of http://terminology.hl7.org/CodeSystem/v3-ActReason. */
export type Purpose = 'TREAT' | 'HPAYMT' | 'HOPERAT' | 'CAREMGT' | 'PUBHLTH';

/** What an institution may use by its contract, as bits of `Caller.services`. */
export const SERVICES = Object.freeze({
  'medical-cooperation': 1,
  'care-cooperation': 2,
  timeline: 4,
  /** Booking of outpatient visits and nutrition guidance. */
  'outpatient-booking': 8,
  /** Images with the results. */
  images: 16,
  signature: 32,
});
export type ServiceName = keyof typeof SERVICES;

/** A person who is logged in: who acts through a client. */
export interface Person {
  /** Of the account, a UUID. */
  readonly id: string;
  readonly name: string;
  /** The Practitioner that stands for the person; its rid and id. */
  readonly practitioner: bigint | null;
  readonly practitionerId: string | null;
  readonly roles: readonly PersonRole[];
  /** Whether the session was begun with two factors. */
  readonly strong: boolean;
  /** When the person last proved who they are, epoch milliseconds. */
  readonly authenticatedAt: number;
  /** Of the session that the token belongs to; null for a token that outlives it. */
  readonly session: string | null;
}

/** Who calls: made by identity/ for every request from the token in the store; never cached. */
export interface Caller {
  /** Resource key (rid) and id of the caller's Organization; the operator has one too. */
  readonly organization: bigint;
  readonly organizationId: string;
  readonly kind: InstitutionKind;
  readonly clientId: string;
  /** Granted SMART scopes, for example `system/*.cruds`. */
  readonly scopes: readonly Scope[];
  /** Hospitals (rids) in whose network the institution is now, by service; a cooperating hospital is in its own. */
  readonly networks: readonly bigint[];
  readonly medical: readonly bigint[];
  readonly care: readonly bigint[];
  readonly timeline: readonly bigint[];
  /** Sum of SERVICES that the institution's contract gives it now; absent: none. */
  readonly services?: number;
  /** The person at the client; absent: a system on its own. */
  readonly person?: Person;
  /** Launch context: the only patient (rid) whom scopes `patient/…` speak of. */
  readonly patient?: bigint;
  readonly purpose: Purpose;
  /** `X-Request-Id` of the request, for the audit. */
  readonly requestId: string;
  /** SHA-256 of the access token, base64url; absent for a person at our own pages. */
  readonly token?: string;
  /** When the store was asked all this, milliseconds of performance.now(); absent: it is taken as it is, however old. */
  readonly lookedUp?: number;
}

/** One SMART v2 scope, parsed: `system/Observation.rs` → { type: 'Observation', c: false, r: true, u: false, d: false, s: true }. */
export interface Scope {
  /** Whom it speaks for: absent for `system/`. */
  readonly context?: 'user' | 'patient';
  /** A resource type or `*`. */
  readonly type: string;
  /** What its resources must match: the text behind the question mark, for example `category=laboratory`. */
  readonly query?: string;
  readonly c: boolean;
  readonly r: boolean;
  readonly u: boolean;
  readonly d: boolean;
  readonly s: boolean;
}

export type Interaction = 'create' | 'read' | 'update' | 'delete' | 'search';

export type Filters = ReadonlyMap<string, Query>;
const NO_FILTERS: Filters = new Map();

/**
 * The one argument that opens the store. Only `Access.of` and `Access.system` make one.
 */
export class Access {
  readonly caller: Caller | null;
  /** Why the system itself acts; audited. Null for a caller's access. */
  readonly reason: string | null;

  /** At whose request the system acts, for the audit; it gives no rights. */
  readonly behalf: Caller | null;
  /** The queries of the caller's scopes, by `filterName`. A scope whose query is not here gives nothing. */
  readonly filters: Filters;

  private constructor(caller: Caller | null, reason: string | null, behalf: Caller | null, filters: Filters) {
    this.caller = caller;
    this.reason = reason;
    this.behalf = behalf;
    this.filters = filters;
    Object.freeze(this);
  }

  static of(caller: Caller, filters: Filters = NO_FILTERS): Access {
    if (!caller) throw new Error('an Access needs a caller');
    return new Access(caller, null, caller, filters);
  }

  /** For what the service itself does, in the background or as part of a caller's operation: sees everything, and says why. */
  static system(reason: string, behalf: Caller | null = null): Access {
    if (!reason) throw new Error('a system access needs a reason');
    return new Access(null, reason, behalf, NO_FILTERS);
  }

  get isSystem(): boolean {
    return this.caller === null;
  }
}
