import { Access } from '../access/access.ts';
import { refuse } from '../http/errors.ts';
import type { Language } from '../http/negotiate.ts';
import { actRow, insertAudit } from '../store/audit.ts';
import type { Database } from '../store/database.ts';
import { findAccount } from '../store/person.ts';
import { acceptTerms, currentTerms, termsDue } from '../store/terms.ts';

/** The terms as a person reads them before accepting. */
export interface TermsShown {
  readonly version: string;
  readonly title: string;
  readonly text: string;
  /** Epoch milliseconds. */
  readonly publishedAt: number;
  readonly effectiveAt: number;
  /** Over the service specification, where the two differ (Art. 27, 2). */
  readonly prevails: boolean;
}

const SYSTEM = Access.system('terms of use');

/**
 * The terms of use that are in force, and who has accepted them. People accept each version; institutions, and with them their systems, are
 * bound by their contract.
 */
export class Terms {
  readonly #database: Database;
  readonly #now: () => number;

  constructor({ database, now }: { readonly database: Database; readonly now: () => number }) {
    this.#database = database;
    this.#now = now;
  }

  /** What is in force now; in Japanese, which is what binds, where there is no English text. Null before any was published. */
  async current(language: Language): Promise<TermsShown | null> {
    const found = await currentTerms(SYSTEM, this.#database, this.#now());
    if (!found) return null;
    const english = language === 'en' && found.bodyEn !== null;
    return {
      version: found.version,
      title: (english ? found.titleEn : null) ?? found.title,
      text: english ? (found.bodyEn as string) : found.body,
      publishedAt: found.published,
      effectiveAt: found.effective,
      prevails: found.prevails,
    };
  }

  /** Whether a person has yet to accept what is in force now. */
  due(person: string): Promise<boolean> {
    return termsDue(SYSTEM, this.#database, person, this.#now());
  }

  /** Audited; accepted twice is accepted once. Throws 422 for any version but the one in force. */
  async accept(person: string, version: string): Promise<void> {
    const at = this.#now();
    await this.#database.transaction(async (transaction) => {
      const current = await currentTerms(SYSTEM, transaction, at);
      if (current?.version !== version)
        throw refuse.unprocessable('Only the terms that are in force can be accepted; read the current version');
      if (!(await acceptTerms(SYSTEM, transaction, { person, version, at }))) return;
      const account = await findAccount(SYSTEM, transaction, person);
      const act = {
        person,
        organization: account?.institution ?? null,
        outcome: 0,
        detail: `terms ${version}`,
      } as const;
      await insertAudit(SYSTEM, transaction, [actRow(at, 'terms-accepted', act)]);
    });
  }
}
