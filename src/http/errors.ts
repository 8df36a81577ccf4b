/**
 * The one type of error inside the house, and its catalogue. At the edge each becomes an OperationOutcome
 * (https://hl7.org/fhir/R4/operationoutcome.html); codes are of http://hl7.org/fhir/issue-type.
 */
export type IssueCode =
  | 'invalid'
  | 'structure'
  | 'required'
  | 'value'
  | 'invariant'
  | 'security'
  | 'login'
  | 'expired'
  | 'forbidden'
  | 'processing'
  | 'not-supported'
  | 'duplicate'
  | 'multiple-matches'
  | 'not-found'
  | 'deleted'
  | 'too-long'
  | 'code-invalid'
  | 'extension'
  | 'too-costly'
  | 'business-rule'
  | 'conflict'
  | 'transient'
  | 'lock-error'
  | 'exception'
  | 'timeout'
  | 'throttled'
  | 'informational';

export interface Issue {
  readonly severity: 'fatal' | 'error' | 'warning' | 'information';
  readonly code: IssueCode;
  /** What is wrong, by which rule, and what to do. Never a value that the caller may not see. */
  readonly diagnostics: string;
  /** FHIRPath of the element, `Patient.name[0].family`. */
  readonly expression?: readonly string[];
}

export class FhirError extends Error {
  readonly status: number;
  readonly issues: readonly Issue[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    issues: readonly Issue[],
    headers: Readonly<Record<string, string>> = {},
    cause?: unknown,
  ) {
    super(issues[0]?.diagnostics ?? `HTTP ${status}`, { cause });
    this.status = status;
    this.issues = issues;
    this.headers = headers;
  }
}

const one = (
  status: number,
  code: IssueCode,
  diagnostics: string,
  expression?: string,
  headers?: Record<string, string>,
) =>
  new FhirError(
    status,
    [{ severity: 'error', code, diagnostics, ...(expression && { expression: [expression] }) }],
    headers,
  );

/** The catalogue: every refusal the server knows. */
export const refuse = {
  /** 400: the request itself cannot be understood. */
  badRequest: (diagnostics: string, expression?: string, code: IssueCode = 'invalid') =>
    one(400, code, diagnostics, expression),
  /** 401: no token, or one that is not valid (RFC 6750). */
  unauthorized: (diagnostics: string) =>
    one(401, 'login', diagnostics, undefined, { 'WWW-Authenticate': 'Bearer error="invalid_token"' }),
  /** 403: a type or operation that this caller could never use, whatever the data. */
  forbidden: (diagnostics: string) => one(403, 'forbidden', diagnostics),
  /** 404: absent or invisible; the same body to the byte, so it names nothing. */
  notFound: () => one(404, 'not-found', 'Not found'),
  /** 404 for a route, type or operation that the server does not have. */
  unknown: (diagnostics: string) => one(404, 'not-supported', diagnostics),
  notAllowed: (diagnostics: string, allow: string) =>
    one(405, 'not-supported', diagnostics, undefined, { Allow: allow }),
  notAcceptable: (diagnostics: string) => one(406, 'not-supported', diagnostics),
  conflict: (diagnostics: string, expression?: string, code: IssueCode = 'conflict') =>
    one(409, code, diagnostics, expression),
  /** 410: deleted, to those who could see it. */
  gone: () => one(410, 'deleted', 'Deleted'),
  preconditionFailed: (diagnostics: string, code: IssueCode = 'conflict') => one(412, code, diagnostics),
  tooLarge: (diagnostics: string) => one(413, 'too-long', diagnostics),
  mediaType: (diagnostics: string) => one(415, 'not-supported', diagnostics),
  /** 422: understood, but it breaks a profile, an invariant or a rule of the service. */
  unprocessable: (diagnostics: string, expression?: string, code: IssueCode = 'business-rule') =>
    one(422, code, diagnostics, expression),
  invalid: (issues: readonly Issue[]) => new FhirError(422, issues),
  throttled: (diagnostics: string, seconds: number) =>
    one(429, 'throttled', diagnostics, undefined, { 'Retry-After': String(seconds) }),
  unavailable: (diagnostics: string, seconds = 5) =>
    one(503, 'transient', diagnostics, undefined, { 'Retry-After': String(seconds) }),
  /** 500: a defect. Says nothing of the inside. */
  internal: (cause: unknown) =>
    new FhirError(
      500,
      [
        {
          severity: 'fatal',
          code: 'exception',
          diagnostics: 'Internal error; it has been logged under the request id',
        },
      ],
      {},
      cause,
    ),
};

/** The OperationOutcome of an error, as an object ready to be sent. */
export function operationOutcome(issues: readonly Issue[]): object {
  return { resourceType: 'OperationOutcome', issue: issues };
}
