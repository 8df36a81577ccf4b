import type { Access } from '../access/access.ts';
import { refuse } from '../http/errors.ts';
import { sentJson } from '../http/negotiate.ts';
import type { Answer, Engine, Resource } from './engine.ts';
import { type Read, readJson } from './json.ts';

/** One FHIR request after the edges of HTTP: who calls is known, the body is bytes. */
export interface FhirRequest {
  readonly engine: Engine;
  readonly access: Access;
  readonly method: string;
  /** Path segments below the FHIR base, decoded. */
  readonly path: readonly string[];
  readonly query: readonly (readonly [string, string])[];
  /** Lower-case names. */
  header(name: string): string | undefined;
  readonly body: Buffer;
  readonly maxDepth: number;
  /** Who calls, looked up anew; throws 401 where the token does not hold any more. Absent: there is nothing to look up. */
  readonly lookAgain?: (() => Promise<Access>) | undefined;
  /** Runs a request of a batch or transaction. */
  dispatch(request: FhirRequest): Promise<Answer> | Answer;
  /** Logs a defect. */
  report(error: unknown): void;
}

/** The body as a resource; 400 where there is none. */
export function bodyOf(request: FhirRequest): { resource: Resource; decimals: boolean } {
  sentJson(request.header('content-type'));
  if (request.body.length === 0) throw refuse.badRequest('The request has no body', undefined, 'required');
  const { tree, decimals }: Read = readJson(request.body, request.maxDepth);
  if (!tree || typeof tree !== 'object' || Array.isArray(tree) || typeof (tree as Resource).resourceType !== 'string') {
    throw refuse.badRequest('The body must be a resource: a JSON object with a resourceType', undefined, 'structure');
  }
  return { resource: tree as Resource, decimals };
}

/** `Prefer: a=b; c=d, e` as pairs; of one that is there twice the first counts (RFC 7240, section 2). */
export function preferences(request: FhirRequest): ReadonlyMap<string, string> {
  const header = request.header('prefer') ?? '';
  return new Map(
    header
      .split(/[,;]/)
      .map((part) => part.trim().split('='))
      .filter(([name]) => name)
      .map(([name, value]) => [(name as string).toLowerCase(), (value ?? '').replaceAll('"', '')] as const)
      .reverse(),
  );
}

/** `If-Match: *`: whatever version is current, so long as there is one. */
export const ANY_VERSION = -1;

/** A version from `If-Match: W/"3"` (RFC 9110, 13.1.1). */
export function versionOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return ANY_VERSION;
  const match = /^\s*(?:W\/)?"([0-9]{1,9})"\s*$/.exec(header) ?? /^\s*([0-9]{1,9})\s*$/.exec(header);
  if (!match) throw refuse.badRequest('If-Match must be one version as an ETag, for example W/"3", or *');
  return Number(match[1]);
}

export const etag = (version: number) => `W/"${version}"`;
export const httpDate = (at: number) => new Date(at).toUTCString();

/** Headers of one version. */
export const versionHeaders = (version: number, at: number) => ({ ETag: etag(version), 'Last-Modified': httpDate(at) });
