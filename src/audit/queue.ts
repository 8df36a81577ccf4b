import { Access } from '../access/access.ts';
import { FhirError } from '../http/errors.ts';
import { type AuditRow, insertAudit } from '../store/audit.ts';
import type { Queryable } from '../store/database.ts';

export { timeUuid } from '../store/audit.ts';

interface Waiting {
  readonly rows: readonly AuditRow[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Audit rows of reads. Requests that finish while an INSERT is under way share the next one, and each answer waits for the
 * commit of its own rows: what cannot be audited is not answered.
 */
export class AuditQueue {
  readonly #database: Queryable;
  readonly #access = Access.system('audit of reads');
  #waiting: Waiting[] = [];
  #writing = false;

  constructor(database: Queryable) {
    this.#database = database;
  }

  /** Resolves once the rows are committed. */
  add(rows: readonly AuditRow[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ rows, resolve, reject });
      if (!this.#writing) {
        this.#writing = true;
        setImmediate(() => void this.#drain());
      }
    });
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, 500);
      await this.#store(batch);
    }
    this.#writing = false;
  }

  /** What PostgreSQL refuses for what stands in it fails the request that it is of, not those that came with it. */
  async #store(batch: readonly Waiting[]): Promise<void> {
    try {
      const rows = batch.flatMap((one) => one.rows);
      await insertAudit(this.#access, this.#database, rows);
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (batch.length > 1 && error instanceof FhirError && error.status < 500)
        for (const one of batch) await this.#store([one]);
      else for (const { reject } of batch) reject(error);
    }
  }
}
