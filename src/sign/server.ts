import { createHash } from 'node:crypto';
import { type ExchangeError, exchange } from './http.ts';

/** The server refused, answered something else than it should, or could not be reached. */
export class ServerError extends Error {}

export interface CheckSaid {
  readonly name: string;
  readonly code: string;
  readonly status: string;
  /** In the language that was asked for. */
  readonly text: string;
}

export interface Submission {
  readonly result: 'VALID' | 'INVALID' | 'INDETERMINATE';
  readonly summary: string;
  readonly checks: readonly CheckSaid[];
}

/** A letter that was issued: which Task it is under, and the bytes to sign. */
export interface Issued {
  /** `Task/id`. */
  readonly task: string;
  /** Hex. */
  readonly sha256: string;
  readonly pdf: Uint8Array;
}

interface Part {
  readonly name?: unknown;
  readonly part?: readonly Part[];
  readonly [value: string]: unknown;
}

const FHIR_JSON = 'application/fhir+json';
const PDF = 'application/pdf';
const MOST = 32 * 1024 * 1024;
const TIMEOUT = 120_000;

/** The types on which a letter can be issued, and by which operation; a Task leads to one of the others. */
const RENDER: Readonly<Record<string, string>> = Object.freeze({
  ServiceRequest: '$render-letter',
  DocumentReference: '$render',
  Bundle: '$render',
});

/** The operations of Tasuki that signing takes, over HTTP. All throw ServerError. */
export class LetterServer {
  readonly #base: string;
  readonly #token: () => Promise<string>;
  readonly #language: string;

  /** @param base  of FHIR, `https://host/fhir` */
  constructor(base: string, token: string | (() => Promise<string>), language: string) {
    this.#base = base.replace(/\/+$/, '');
    this.#token = typeof token === 'string' ? async () => token : token;
    this.#language = language;
  }

  /** Issues the letter, or gets it again: `reference` is a Task, ServiceRequest, DocumentReference or Bundle, relative or absolute. */
  async issue(reference: string): Promise<Issued> {
    const named = this.#local(reference, ['Task', ...Object.keys(RENDER)]);
    const letter = named.startsWith('Task/') ? await this.#focus(named) : named;
    const operation = RENDER[letter.slice(0, letter.indexOf('/'))];
    const answer = await this.#json('POST', `${letter}/${operation}`);
    const task = this.#answered(answer, 'task', 'Task');
    if (named.startsWith('Task/') && task !== named)
      throw new ServerError(`${named} is of an earlier version of the letter; it is now ${task}`);
    const document = this.#answered(answer, 'document', 'Binary');
    const sha256 = String(valueIn(answer, 'sha256', 'valueString'));
    const pdf = await this.#send('GET', document, { accept: PDF });
    const received = createHash('sha256').update(pdf).digest('hex');
    if (received !== sha256) throw new ServerError(`what arrived (${received}) is not what was issued (${sha256})`);
    return { task, sha256, pdf };
  }

  /** Whether the letter is validly signed already: the server takes no other signature then, and a time-stamp would be wasted. */
  async isSigned(task: string): Promise<boolean> {
    return Object(await this.#json('GET', task)).status === 'completed';
  }

  async submit(task: string, signed: Uint8Array): Promise<Submission> {
    const answer = await this.#json('POST', `${task}/$submit-signed`, { 'content-type': PDF }, signed);
    const result = valueIn(answer, 'result', 'valueCode');
    if (result !== 'VALID' && result !== 'INVALID' && result !== 'INDETERMINATE')
      throw new ServerError(`${task}/$submit-signed: no result in the answer`);
    return {
      result,
      summary: String(valueIn(answer, 'summary', 'valueString') ?? ''),
      checks: partsOf(answer, 'parameter')
        .filter(({ name }) => name === 'check')
        .map((check) => {
          const said = (name: string, value: string) =>
            String(partsOf(check, 'part').find((one) => one.name === name)?.[value] ?? '');
          return {
            name: said('name', 'valueCode'),
            code: said('code', 'valueCode'),
            status: said('status', 'valueCode'),
            text: said('text', 'valueString'),
          };
        }),
    };
  }

  async #focus(task: string): Promise<string> {
    const { focus } = Object(await this.#json('GET', task)) as { focus?: { reference?: unknown } };
    if (typeof focus?.reference !== 'string') throw new ServerError(`${task} is about no letter`);
    return this.#local(focus.reference, Object.keys(RENDER));
  }

  #answered(answer: unknown, name: string, type: string): string {
    const reference = Object(valueIn(answer, name, 'valueReference')).reference;
    if (typeof reference !== 'string') throw new ServerError(`the server issued no letter: no ${name} in its answer`);
    return this.#local(reference, [type]);
  }

  /** `Type/id` of a reference, which must be to this server: no other gets the token. */
  #local(reference: string, types: readonly string[]): string {
    const base = `${this.#base}/`;
    const relative = reference.startsWith(base) ? reference.slice(base.length) : reference;
    const [, type, id] = /^([A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]+)?$/.exec(relative) ?? [];
    if (type === undefined || !types.includes(type) || /^\.+$/.test(id ?? ''))
      throw new ServerError(`${JSON.stringify(reference)} is not ${types.join('/…, ')}/… of ${this.#base}`);
    return `${type}/${id}`;
  }

  async #json(
    method: 'GET' | 'POST',
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: Uint8Array,
  ): Promise<unknown> {
    const bytes = await this.#send(method, path, { accept: FHIR_JSON, ...headers }, body);
    try {
      return JSON.parse(text(bytes));
    } catch {
      throw new ServerError(`${method} ${path}: the answer is not JSON`);
    }
  }

  async #send(
    method: 'GET' | 'POST',
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: Uint8Array,
  ): Promise<Uint8Array> {
    const token = await this.#token();
    const { ok, status, bytes } = await exchange(`${this.#base}/${path}`, {
      method,
      headers: { ...headers, authorization: `Bearer ${token}`, 'accept-language': this.#language },
      ...(body && { body }),
      most: MOST,
      timeout: TIMEOUT,
    }).catch((error: ExchangeError) => {
      throw new ServerError(error.message);
    });
    if (!ok) throw new ServerError(`${method} ${path}: ${status} ${outcome(bytes)}`.trimEnd());
    return bytes;
  }
}

/** What an OperationOutcome says. */
function outcome(bytes: Uint8Array): string {
  try {
    const { issue } = Object(JSON.parse(text(bytes))) as {
      issue?: { details?: { text?: string }; diagnostics?: string }[];
    };
    const said = (issue ?? []).flatMap(({ details, diagnostics }) => [details?.text, diagnostics]);
    return [...new Set(said.filter((one) => typeof one === 'string'))].join('; ').slice(0, 2000);
  } catch {
    return '';
  }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

function partsOf(holder: unknown, name: 'parameter' | 'part'): readonly Part[] {
  const parts: unknown = Object(holder)[name];
  return Array.isArray(parts) ? parts.map((part) => Object(part)) : [];
}

const valueIn = (answer: unknown, name: string, value: string): unknown =>
  partsOf(answer, 'parameter').find((part) => part.name === name)?.[value];
