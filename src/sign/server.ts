import { createHash, createPrivateKey, type JsonWebKey, randomUUID, sign } from 'node:crypto';

/** How the signing client comes into Tasuki: the institution's own system client (SMART Backend Services). */
export interface Client {
  readonly clientId: string;
  readonly tokenUrl: string;
  /** EC P-384 (ES384) or RSA (RS384). */
  readonly privateKeyJwk: JsonWebKey & { readonly kid?: string };
  readonly scope: string;
}

/** The server refused, or could not be reached; the message is its own. */
export class ServerError extends Error {}

export interface CheckSaid {
  readonly name: string;
  readonly code: string;
  readonly status: string;
  /** In the language that was asked for. */
  readonly text: string;
}

export interface Submission {
  readonly result: string;
  readonly summary: string;
  readonly checks: readonly CheckSaid[];
}

interface Part {
  readonly name: string;
  readonly part?: readonly Part[];
  readonly [value: string]: unknown;
}

/** A letter that was issued: which Task it is under, and the bytes to sign. */
export interface Issued {
  readonly task: string;
  readonly sha256: string;
  readonly pdf: Uint8Array;
}

const FHIR_JSON = 'application/fhir+json';
const PDF = 'application/pdf';

/** The operations of Tasuki that signing takes, over HTTP. */
export class LetterServer {
  readonly #base: string;
  readonly #token: string;
  readonly #language: string;

  /** @param base  of FHIR, `https://host/fhir` */
  constructor(base: string, token: string, language: string) {
    this.#base = base.replace(/\/+$/, '');
    this.#token = token;
    this.#language = language;
  }

  /** Issues the letter, or gets it again: `reference` is a Task, ServiceRequest, DocumentReference or Bundle. */
  async issue(reference: string): Promise<Issued> {
    const letter = reference.startsWith('Task/') ? await this.#focus(reference) : reference;
    const operation = letter.startsWith('ServiceRequest/') ? '$render-letter' : '$render';
    const answer = await this.#json(await this.#send('POST', `${letter}/${operation}`, { accept: FHIR_JSON }));
    const task = valueIn(answer, 'task', 'valueReference') as { reference?: string } | undefined;
    const document = valueIn(answer, 'document', 'valueReference') as { reference?: string } | undefined;
    const sha256 = valueIn(answer, 'sha256', 'valueString') as string | undefined;
    if (!task?.reference || !document?.reference || !sha256) throw new ServerError('the server issued no letter');
    const response = await this.#send('GET', document.reference, { accept: PDF });
    const pdf = new Uint8Array(await response.arrayBuffer());
    const received = createHash('sha256').update(pdf).digest('hex');
    if (received !== sha256) throw new ServerError(`what arrived (${received}) is not what was issued (${sha256})`);
    return { task: task.reference, sha256, pdf };
  }

  async submit(task: string, signed: Uint8Array): Promise<Submission> {
    const headers = { accept: FHIR_JSON, 'content-type': PDF };
    const answer = await this.#json(await this.#send('POST', `${task}/$submit-signed`, headers, signed));
    return {
      result: String(valueIn(answer, 'result', 'valueCode') ?? ''),
      summary: String(valueIn(answer, 'summary', 'valueString') ?? ''),
      checks: partsOf(answer)
        .filter(({ name }) => name === 'check')
        .map(({ part = [] }) => ({
          name: String(part.find(({ name }) => name === 'name')?.valueCode ?? ''),
          code: String(part.find(({ name }) => name === 'code')?.valueCode ?? ''),
          status: String(part.find(({ name }) => name === 'status')?.valueCode ?? ''),
          text: String(part.find(({ name }) => name === 'text')?.valueString ?? ''),
        })),
    };
  }

  async #focus(task: string): Promise<string> {
    const { focus } = (await this.#json(await this.#send('GET', task, { accept: FHIR_JSON }))) as {
      focus?: { reference?: string };
    };
    if (!focus?.reference) throw new ServerError(`${task} is about no letter`);
    return focus.reference;
  }

  async #json(response: Response): Promise<unknown> {
    return response.json();
  }

  async #send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: Uint8Array,
  ): Promise<Response> {
    const response = await reach(`${this.#base}/${path}`, {
      method,
      headers: { ...headers, authorization: `Bearer ${this.#token}`, 'accept-language': this.#language },
      ...(body && { body: Buffer.from(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(120_000),
    });
    if (!response.ok) throw new ServerError(`${method} ${path}: ${response.status} ${await outcome(response)}`);
    return response;
  }
}

/** An access token by a signed assertion (RFC 7523; SMART Backend Services). */
export async function accessToken({ clientId, tokenUrl, privateKeyJwk, scope }: Client): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const rsa = privateKeyJwk.kty === 'RSA';
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const { kid } = privateKeyJwk;
  const header = part({ alg: rsa ? 'RS384' : 'ES384', typ: 'JWT', ...(kid !== undefined && { kid }) });
  const claims = part({ iss: clientId, sub: clientId, aud: tokenUrl, exp: now + 60, iat: now, jti: randomUUID() });
  const key = createPrivateKey({ key: privateKeyJwk, format: 'jwk' });
  const signature = sign('sha384', Buffer.from(`${header}.${claims}`), { key, dsaEncoding: 'ieee-p1363' });
  const response = await reach(tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: `${header}.${claims}.${signature.toString('base64url')}`,
    }),
    redirect: 'error',
    signal: AbortSignal.timeout(30_000),
  });
  const { access_token: token } = response.ok ? ((await response.json()) as { access_token?: string }) : {};
  if (!token) throw new ServerError(`no access token: ${response.status}`);
  return token;
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw new ServerError(
      `${url}: ${((error as Error).cause as Error | undefined)?.message ?? (error as Error).message}`,
    );
  }
}

async function outcome(response: Response): Promise<string> {
  try {
    const { issue } = (await response.json()) as { issue?: { diagnostics?: string }[] };
    return (issue ?? []).map(({ diagnostics }) => diagnostics).join('; ');
  } catch {
    return response.statusText;
  }
}

const partsOf = (answer: unknown): readonly Part[] => (answer as { parameter?: Part[] }).parameter ?? [];
const valueIn = (answer: unknown, name: string, value: string): unknown =>
  partsOf(answer).find((part) => part.name === name)?.[value];
