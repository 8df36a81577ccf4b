import { randomUUID } from 'node:crypto';
import { Access, type Caller } from '../access/access.ts';
import { FhirError } from '../http/errors.ts';
import type { LoggedIn } from '../identity/interactions.ts';
import { dispatch } from './dispatch.ts';
import type { Engine, Json } from './engine.ts';
import type { FhirRequest } from './request.ts';

export interface PagesOptions {
  readonly engine: Engine;
  /** `Callers.callerOfSession` */
  readonly callerOf: (
    session: LoggedIn,
    request: { readonly requestId: string; readonly scope: string },
  ) => Promise<Caller | null>;
  readonly maxDepth: number;
  readonly report: (error: unknown) => void;
}

export type Ask = (
  session: LoggedIn,
  method: 'GET' | 'POST',
  path: readonly string[],
  query: FhirRequest['query'],
) => Promise<Json | null>;

/**
 * How pages ask: the same requests as through the FHIR interface, without a body, under the person's own rights, and audited alike. Null: the person
 * has no right to it, or there is none; what the interface takes for no question (400) is answered with nothing.
 */
export function asksOfPages({ engine, callerOf, maxDepth, report }: PagesOptions, scope: string): Ask {
  return async (session, method, path, query) => {
    const caller = await callerOf(session, { requestId: randomUUID(), scope });
    if (!caller) return null;
    const request: FhirRequest = {
      engine,
      access: Access.of(caller),
      method,
      path,
      query,
      header: () => undefined,
      body: Buffer.alloc(0),
      maxDepth,
      dispatch,
      report,
    };
    try {
      const { body } = await dispatch(request);
      return Buffer.isBuffer(body) ? (JSON.parse(String(body)) as Json) : ((body ?? {}) as Json);
    } catch (error) {
      if (error instanceof FhirError && [403, 404, 410].includes(error.status)) return null;
      if (error instanceof FhirError && error.status === 400) return {};
      throw error;
    }
  };
}
