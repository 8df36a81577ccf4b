import type { Bundle, OperationOutcome, Resource } from '@medplum/fhirtypes';

/** What the server answered, with the request it belongs to. */
export class Answer {
  /** `GET Patient/123`, for people to read. */
  readonly request: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;

  constructor(request: string, status: number, headers: Headers, text: string) {
    this.request = request;
    this.status = status;
    this.headers = headers;
    this.text = text;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** The body as the resource that the caller expects; an Error names the request where the body is none. */
  as<T extends Resource>(type: T['resourceType']): T {
    const body = this.json();
    if (body?.resourceType !== type) throw new Error(`${this.request} answered ${this.status} without a ${type}`);
    return body as T;
  }

  /** The issues of an OperationOutcome, one a line; the beginning of the body where there is none. */
  outcome(): string {
    const body = this.json();
    if (body?.resourceType !== 'OperationOutcome') return this.text.slice(0, 200);
    return ((body as OperationOutcome).issue ?? [])
      .map(({ severity, code, diagnostics, expression }) =>
        `${severity} ${code}: ${diagnostics ?? ''} ${expression ?? ''}`.trim(),
      )
      .join('; ');
  }

  /** The resource's `Type/id`, from the body or from Location. */
  reference(): string {
    const body = this.json();
    if (body?.id) return `${body.resourceType}/${body.id}`;
    return referenceOf(this.headers.get('location') ?? '', this.request);
  }

  private json(): Resource | undefined {
    try {
      return JSON.parse(this.text) as Resource;
    } catch {
      return undefined;
    }
  }
}

/** `Type/id` out of a location such as `http://…/fhir/Type/id/_history/1`. */
export function referenceOf(location: string, request: string): string {
  const found = /([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]+)?$/.exec(location)?.[1];
  if (!found) throw new Error(`${request} answered without a location: '${location}'`);
  return found;
}

/** `Type/id` of each entry of a transaction's response, in order. */
export function createdReferences(answer: Answer): string[] {
  const entries = answer.as<Bundle>('Bundle').entry ?? [];
  return entries.map(({ response }) => referenceOf(response?.location ?? '', answer.request));
}

/** Resources of one type in a searchset, included ones too. */
export function resourcesIn<T extends Resource>(answer: Answer, type: T['resourceType']): T[] {
  const entries = answer.as<Bundle>('Bundle').entry ?? [];
  return entries.flatMap(({ resource }) => (resource?.resourceType === type ? [resource as T] : []));
}

export interface FhirClient {
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: Resource, headers?: Record<string, string>): Promise<Answer>;
  put(path: string, body: Resource, headers?: Record<string, string>): Promise<Answer>;
  remove(path: string): Promise<Answer>;
  /** POST [type]/_search with the parameters in a form. */
  search(type: string, parameters: string): Promise<Answer>;
}

/**
 * A client of the FHIR server at `base` (`http://…/fhir`). Without `token` it calls as nobody. A request that gets no answer within
 * half a minute rejects.
 */
export function fhirClient(base: string, token?: () => Promise<string>): FhirClient {
  async function send(
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const authorization = token ? { authorization: `Bearer ${await token()}` } : undefined;
    const response = await fetch(`${base}${path && `/${path}`}`, {
      method,
      headers: { accept: 'application/fhir+json', ...authorization, ...headers },
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(30_000),
    });
    return new Answer(`${method} ${path || '/'}`, response.status, response.headers, await response.text());
  }
  const json = { 'content-type': 'application/fhir+json' };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  return {
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body, headers) =>
      body ? send('POST', path, JSON.stringify(body), { ...json, ...headers }) : send('POST', path, undefined, headers),
    put: (path, body, headers) => send('PUT', path, JSON.stringify(body), { ...json, ...headers }),
    remove: (path) => send('DELETE', path),
    search: (type, parameters) => send('POST', `${type}/_search`, parameters, form),
  };
}
