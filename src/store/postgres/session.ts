import type { Duplex } from 'node:stream';
import pg from 'pg';
import { encode } from './encode.ts';
import { batch, simpleQuery } from './messages.ts';
import { type Column, columnsOf, type Prepared, Statements } from './statements.ts';

/** What a statement answers. */
export interface Result<Row> {
  readonly rows: Row[];
  /** Rows returned, or written by an INSERT, UPDATE, DELETE or MERGE. */
  readonly count: number;
}

/** A result with PostgreSQL's command tag (`INSERT 0 1`, `COMMIT`). */
interface Answer<Row> extends Result<Row> {
  readonly tag: string;
}

interface Execution {
  readonly text: string;
  /** Null for a script, whose results are passed over. */
  readonly prepared: Prepared | null;
  readonly rows: Record<string, unknown>[];
  count: number;
  tag: string;
  error: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: rows have the type that the caller of run() says
  readonly resolve: (answer: Answer<any>) => void;
  readonly reject: (error: unknown) => void;
}

/** The connection is gone, and with it whatever it had not committed. */
export class ConnectionLost extends Error {}

/**
 * One connection after pg has opened it (TLS, SCRAM, startup): from then on the session speaks the extended protocol on the
 * socket itself, because pg's own reader decodes every value as UTF-8 text, bytea included. Statements are prepared once, results are
 * binary, and a statement may be sent before the one before it has answered; answers come in order.
 */
export class Session {
  readonly #stream: Duplex;
  readonly #statements = new Statements();
  readonly #queue: Execution[] = [];
  readonly #chunks: Buffer[] = [];
  #have = 0;
  #need = 5;
  #lost: ConnectionLost | undefined;
  /** As of the last answer: idle, in a transaction, or in one that has failed. */
  status: 'I' | 'T' | 'E' = 'I';
  onNotification: ((channel: string, payload: string) => void) | undefined;

  constructor(client: pg.Client) {
    // biome-ignore lint/suspicious/noExplicitAny: pg's types leave `connection` out
    this.#stream = (client as any).connection.stream as Duplex;
    this.#stream.removeAllListeners('data');
    this.#stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#stream.on('error', (error) => this.#lose(error));
    this.#stream.on('close', () => this.#lose());
  }

  get usable(): boolean {
    return this.#lost === undefined && this.#stream.writable;
  }

  /** Whether nothing is under way, in or out of a transaction. */
  get idle(): boolean {
    return this.#queue.length === 0 && this.status === 'I';
  }

  /** Rejects with pg.DatabaseError, ConnectionLost, or a TypeError for a value that cannot be sent. */
  run<Row>(text: string, values: readonly unknown[] = []): Promise<Answer<Row>> {
    return new Promise((resolve, reject) => {
      if (this.#lost) throw this.#lost;
      const encoded = values.map(encode);
      const { prepared, parse, close } = this.#statements.take(text);
      this.#queue.push({ text, prepared, rows: [], count: 0, tag: '', error: undefined, resolve, reject });
      this.#stream.write(batch({ close, name: prepared.name, text: parse ? text : null, values: encoded }));
    });
  }

  /** Any number of statements at once, without values. */
  script(text: string): Promise<Answer<unknown>> {
    return new Promise((resolve, reject) => {
      if (this.#lost) throw this.#lost;
      this.#queue.push({ text, prepared: null, rows: [], count: 0, tag: '', error: undefined, resolve, reject });
      this.#stream.write(simpleQuery(text));
    });
  }

  /** What is sent until the end of this turn of the event loop leaves in one packet. */
  cork(): void {
    this.#stream.cork();
    process.nextTick(() => this.#stream.uncork());
  }

  /** Messages may be cut anywhere; a long one is put together once, when all of it is there. */
  #receive(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#have > 0) {
      this.#chunks.push(chunk);
      this.#have += chunk.length;
      if (this.#have < this.#need) return;
      bytes = Buffer.concat(this.#chunks, this.#have);
      this.#chunks.length = 0;
      this.#have = 0;
    }
    let offset = 0;
    while (offset + 5 <= bytes.length) {
      const end = offset + 1 + bytes.readUInt32BE(offset + 1);
      if (end > bytes.length) break;
      this.#message(bytes[offset] as number, bytes, offset + 5, end);
      offset = end;
    }
    const rest = bytes.length - offset;
    if (rest === 0) return;
    this.#chunks.push(bytes.subarray(offset));
    this.#have = rest;
    this.#need = rest < 5 ? 5 : 1 + bytes.readUInt32BE(offset + 1);
  }

  #message(code: number, bytes: Buffer, start: number, end: number): void {
    const current = this.#queue[0];
    switch (code) {
      case 0x44: // DataRow
        if (current?.prepared && current.error === undefined)
          this.#row(current, current.prepared.columns, bytes, start);
        return;
      case 0x54: // RowDescription
        if (current?.prepared) current.prepared.columns = columnsOf(bytes, start);
        return;
      case 0x43: // CommandComplete
        if (current) this.#complete(current, bytes.toString('latin1', start, end - 1));
        return;
      case 0x5a: // ReadyForQuery
        this.status = String.fromCharCode(bytes[start] as number) as 'I' | 'T' | 'E';
        this.#answer();
        return;
      case 0x45: // ErrorResponse
        this.#fail(databaseError(bytes, start, end));
        return;
      case 0x41: {
        // NotificationResponse
        const channelEnd = bytes.indexOf(0, start + 4);
        this.onNotification?.(
          bytes.toString('utf8', start + 4, channelEnd),
          bytes.toString('utf8', channelEnd + 1, end - 1),
        );
      }
    }
  }

  #row(current: Execution, columns: readonly Column[], bytes: Buffer, start: number): void {
    const row: Record<string, unknown> = {};
    let offset = start + 2;
    try {
      for (let i = 0; i < columns.length; i++) {
        const { name, decode } = columns[i] as Column;
        const length = bytes.readInt32BE(offset);
        offset += 4;
        row[name] = length < 0 ? null : decode(bytes, offset, offset + length);
        if (length > 0) offset += length;
      }
      current.rows.push(row);
    } catch (error) {
      current.error = error;
    }
  }

  #complete(current: Execution, tag: string): void {
    if (current.prepared) current.prepared.proven = true;
    current.tag = tag;
    current.count = Number(tag.slice(tag.lastIndexOf(' ') + 1)) || 0;
  }

  #fail(error: pg.DatabaseError): void {
    const current = this.#queue[0];
    // Outside a statement the server says why it closes the connection; the socket's end follows.
    if (!current) {
      this.#lose(error);
      return;
    }
    current.error = error;
    const stale = error.code === '26000' || (error.code === '0A000' && error.routine === 'RevalidateCachedQuery');
    if (current.prepared && (stale || !current.prepared.proven))
      this.#statements.forget(current.text, current.prepared);
    if (error.severity === 'FATAL' || error.severity === 'PANIC') this.#lose(error);
  }

  #answer(): void {
    const current = this.#queue.shift();
    if (!current) return;
    if (current.error !== undefined) current.reject(current.error);
    else current.resolve({ rows: current.rows, count: current.count, tag: current.tag });
  }

  #lose(cause?: unknown): void {
    this.#lost ??= new ConnectionLost('The database connection was lost', { cause });
    for (const waiting of this.#queue.splice(0)) waiting.reject(this.#lost);
    this.#stream.destroy();
  }
}

/** Field letters of ErrorResponse (https://www.postgresql.org/docs/current/protocol-error-fields.html) that are kept. */
const FIELDS = {
  S: 'severity',
  V: 'severity',
  C: 'code',
  D: 'detail',
  H: 'hint',
  P: 'position',
  s: 'schema',
  t: 'table',
  c: 'column',
  n: 'constraint',
  R: 'routine',
} as const;

function databaseError(bytes: Buffer, start: number, end: number): pg.DatabaseError {
  const fields: Record<string, string> = {};
  for (let offset = start; offset < end && bytes[offset] !== 0; ) {
    const close = bytes.indexOf(0, offset + 1);
    fields[String.fromCharCode(bytes[offset] as number)] = bytes.toString('utf8', offset + 1, close);
    offset = close + 1;
  }
  const error = new pg.DatabaseError(fields.M ?? 'unknown error', end - start, 'error');
  for (const [letter, name] of Object.entries(FIELDS)) if (fields[letter] !== undefined) error[name] = fields[letter];
  return error;
}
