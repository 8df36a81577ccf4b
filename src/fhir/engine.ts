import type { Access, ServiceName } from '../access/access.ts';
import type { PersonRole } from '../access/roles.ts';
import type { Language } from '../http/negotiate.ts';
import type { AuditRow } from '../store/audit.ts';
import type { Database, Queryable } from '../store/database.ts';
import type { Keys } from '../store/keys.ts';
import type { Locked, Referenced } from '../store/read.ts';
import type { Reads } from '../store/reads.ts';

/** What the interactions stand on. Made once by server.ts. */
export interface Engine {
  readonly database: Queryable & Pick<Database, 'transaction'>;
  /** Reads by id outside a transaction, which share statements; absent within one. */
  readonly reads?: Reads;
  readonly keys: Keys;
  /** Resolves once the rows are committed. */
  readonly audits: { add(rows: readonly AuditRow[]): Promise<void> };
  /** Configured base, without a slash at the end: `http://127.0.0.1:8080`; FHIR is below `/fhir`. */
  readonly baseUrl: string;
  /** IANA zone in which a bare date is a day. */
  readonly zone: string;
  /** Whether PUT may create under an id that the client chose. */
  readonly updateCreate: boolean;
  readonly maxEntries: number;
  /** Seals page links. */
  readonly cursorSecret: string;
  readonly rules: readonly Rule[];
  readonly operations: readonly Operation[];
  /** Epoch milliseconds. */
  now(): number;
}

export type Json = { readonly [key: string]: unknown };
export interface Resource extends Json {
  readonly resourceType: string;
  readonly id?: string;
  readonly meta?: Json;
}

/** A change as it was asked for. */
export interface Change {
  readonly interaction: 'create' | 'update' | 'delete';
  readonly type: string;
  /** Of an update or a deletion; the server gives one to a new resource. */
  readonly id?: string;
  readonly resource?: Resource;
  /** Whether the resource holds Decimals, see json.ts. */
  readonly decimals?: boolean;
  readonly fullUrl?: string;
  /** `If-None-Exist`: a search; the change is not made when something matches. */
  readonly ifNoneExist?: string;
  /** Conditional update or delete: a search in place of the id. */
  readonly criteria?: string;
  /** `If-Match`. */
  readonly ifMatch?: number;
  /** Whose the new resource is, when the service itself makes it. */
  readonly owner?: bigint;
}

/** A change after its conditions were evaluated: it has an id, or it has been found to be done already. */
export interface Resolved {
  readonly interaction: 'create' | 'update' | 'delete';
  readonly type: string;
  /** Undefined only for a conditional deletion that matched nothing. */
  readonly id: string | undefined;
  /** What a conditional create found, or nothing to delete. */
  readonly found?: { readonly id: string; readonly version: number; readonly at: number; readonly content?: Buffer };
  /** The content with its references bound; without it, the content is as it was sent. */
  readonly resource?: Resource;
  /** What the texts of `urn:` and conditional references stand for. */
  readonly bound?: ReadonlyMap<string, { readonly type: string; readonly id: string }>;
}

/** A change that is about to be stored: its current row is locked, its references are resolved. */
export interface Prepared {
  readonly interaction: 'create' | 'update' | 'delete';
  readonly type: string;
  readonly id: string;
  readonly rid: bigint;
  /** The new content, without server-set meta; undefined for a deletion. */
  readonly resource: Resource | undefined;
  readonly current: Locked | undefined;
  readonly owner: bigint;
  /** The content that is being replaced or deleted. */
  previous(): Promise<Resource>;
}

/** A change before anything is locked. */
export type Asked = Pick<Resolved, 'type' | 'id' | 'resource'>;

/** One write: rules and operations work within its transaction. */
export interface Write {
  readonly engine: Engine;
  readonly access: Access;
  readonly transaction: Queryable;
  /** What the resources refer to, so far as the caller sees it. */
  readonly referenced: ReadonlyMap<bigint, Referenced>;
  readonly changes: readonly Prepared[];
}

/** A rule of a service on the writing of some types. Throws a FhirError to refuse. */
export interface Rule {
  readonly types: readonly string[];
  /** The changes that `before` and `after` are about; absent: all. What no rule is about needs no transaction of several statements. */
  readonly on?: readonly Prepared['interaction'][];
  /** Whose a new resource is; by default its writer's. */
  owner?(access: Access, resource: Resource, rid: bigint): bigint | undefined;
  /** References (FHIRPath of the element) whose target the writer need not see. */
  readonly unseen?: readonly string[];
  /**
   * Names (`lockNames`) that the change waits for before any row is locked: where rules lock more than is written, so that two who come from
   * different ends do not wait for each other.
   */
  waits?(engine: Engine, transaction: Queryable, change: Asked): Promise<readonly bigint[]> | readonly bigint[];
  before?(write: Write, change: Prepared): Promise<void> | void;
  after?(write: Write, change: Prepared): Promise<void>;
}

export interface OperationRequest {
  readonly engine: Engine;
  readonly access: Access;
  readonly method: string;
  readonly type?: string;
  readonly id?: string;
  /** Decoded pairs of the query string, in order. */
  readonly query: readonly (readonly [string, string])[];
  /** The body: Parameters or another resource; undefined where there is none. */
  readonly body: Resource | undefined;
  readonly decimals: boolean;
  /** The body where it is of a type that the operation `takes`. */
  readonly content?: { readonly type: string; readonly bytes: Buffer };
  /** The type among those that the operation `gives` which the client asks for; absent: FHIR JSON. */
  readonly wants?: string;
  /** What people are to read. */
  readonly language: Language;
}

export interface Answer {
  readonly status: number;
  /** A resource as bytes or as an object; undefined for an empty body. */
  readonly body?: Buffer | object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An operation of a service, `$name`, on the system, a type or an instance. */
export interface Operation {
  readonly name: string;
  /** Types on which it is offered; empty: on the system. */
  readonly types: readonly string[];
  readonly level: 'system' | 'type' | 'instance';
  readonly methods: readonly ('GET' | 'POST')[];
  /** Institution kinds that could ever use it; others get 403. */
  readonly kinds: readonly string[];
  /** Roles by which people may use it; absent: any that may read its type. Systems are not concerned. */
  readonly roles?: readonly PersonRole[];
  /** Whether people must have logged in with two factors. */
  readonly strong?: boolean;
  /** The service that the caller's institution must have by its contract. */
  readonly service?: ServiceName;
  /** The SMART permission it needs on its type. */
  readonly permission: 'c' | 'r' | 'u' | 'd' | 's';
  /** Whether a scope that is narrowed to a patient or by a query does not count: what it gives is found by neither. */
  readonly whole?: boolean;
  readonly documentation: string;
  /** Media types that it takes as they are, beside FHIR JSON, and the most bytes of such a body. */
  readonly takes?: { readonly types: readonly string[]; readonly maxBytes: number };
  /** Media types that it can answer with, beside FHIR JSON. */
  readonly gives?: readonly string[];
  run(request: OperationRequest): Promise<Answer>;
}

/** What a folder of services/ exports. */
export interface Service {
  readonly name: string;
  readonly operations: readonly Operation[];
  readonly rules: readonly Rule[];
}
