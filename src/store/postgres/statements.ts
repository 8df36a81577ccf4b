import { type Decoder, decoder } from './decode.ts';

/** A statement that one connection has prepared, or is about to. */
export interface Prepared {
  readonly name: string;
  /** Known once PostgreSQL has described the result; undefined before, and for a statement that returns no rows. */
  columns: readonly Column[];
  /** Whether an execution has gone through. Until then an error leaves it open whether the server knows the name. */
  proven: boolean;
}

export interface Column {
  readonly name: string;
  readonly decode: Decoder;
}

/** Least recently used statements are forgotten beyond this number: each holds a plan in the server's memory. */
const MOST = 200;

/** What one connection has prepared, by the statement's text. */
export class Statements {
  readonly #known = new Map<string, Prepared>();
  readonly #doubtful: string[] = [];
  #made = 0;

  /** The statement, whether it has to be parsed first, and the names that the server may forget. */
  take(text: string): { prepared: Prepared; parse: boolean; close: readonly string[] } {
    const known = this.#known.get(text);
    if (known) {
      this.#known.delete(text);
      this.#known.set(text, known);
      return { prepared: known, parse: false, close: [] };
    }
    const prepared: Prepared = { name: `s${++this.#made}`, columns: [], proven: false };
    this.#known.set(text, prepared);
    return { prepared, parse: true, close: [...this.#doubtful.splice(0), ...this.#oldest()] };
  }

  /** After an error that may mean that the server does not have it, or that its result has changed. */
  forget(text: string, prepared: Prepared): void {
    if (this.#known.get(text) !== prepared) return;
    this.#known.delete(text);
    this.#doubtful.push(prepared.name);
  }

  #oldest(): string[] {
    if (this.#known.size <= MOST) return [];
    const [text, prepared] = this.#known.entries().next().value as [string, Prepared];
    this.#known.delete(text);
    return [prepared.name];
  }
}

/** The columns of a RowDescription message; `start` is where its body begins. */
export function columnsOf(bytes: Buffer, start: number): Column[] {
  const columns: Column[] = [];
  let offset = start + 2;
  for (let i = bytes.readInt16BE(start); i > 0; i--) {
    const end = bytes.indexOf(0, offset);
    // After the name: table (4), column (2), type (4), size (2), modifier (4), format (2).
    columns.push({ name: bytes.toString('utf8', offset, end), decode: lazyDecoder(bytes.readUInt32BE(end + 7)) });
    offset = end + 19;
  }
  return columns;
}

/** An unknown type fails the statement when a value of it arrives, not the connection. */
function lazyDecoder(oid: number): Decoder {
  try {
    return decoder(oid);
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
