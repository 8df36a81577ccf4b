import { parseArgs } from 'node:util';
import type { Outbound } from '../../../http/outbound.ts';
import type { Database } from '../../../store/database.ts';
import { type Language, printReport } from './print.ts';
import { makeReport } from './report.ts';
import { TrustStore } from './store.ts';

export interface CheckOptions {
  /** TRUST_DIR. */
  readonly directory: string;
  /** Whose cache of lists is shown; null: none. */
  readonly database: Database | null;
  /** Whether lists are fetched first. */
  readonly fetch: boolean;
  readonly json: boolean;
  readonly language: Language;
  readonly now: number;
  readonly print: (text: string) => void;
  readonly send?: Outbound;
}

/** 0: all is well, 1: there are warnings, 2: there are errors. */
export type ExitCode = 0 | 1 | 2;

const EXIT_CODES = Object.freeze({ ok: 0, warning: 1, error: 2 });

/** `tasuki trust check`: shows what is trusted and until when, and says what is wrong or will be. */
export async function checkTrust(options: CheckOptions): Promise<ExitCode> {
  const { directory, database, fetch, json, language, now, print, send } = options;
  const store = await TrustStore.open({
    directory,
    database,
    log: () => undefined,
    now: () => now,
    ...(send ? { fetch: send } : {}),
  });
  try {
    if (fetch) await store.refresh(now, { force: true });
    const report = makeReport(await store.status(), directory, now);
    print(json ? `${JSON.stringify(report, null, 2)}\n` : printReport(report, language));
    return EXIT_CODES[report.result];
  } finally {
    await store.close();
  }
}

export interface CheckArguments {
  readonly fetch: boolean;
  readonly database: boolean;
  readonly json: boolean;
  /** Undefined: as the settings have it. */
  readonly language: Language | undefined;
}

/** What follows `tasuki trust`; undefined where it makes no sense. */
export function readCheckArguments([command, ...args]: readonly string[]): CheckArguments | undefined {
  if (command !== 'check') return undefined;
  try {
    const { values } = parseArgs({
      args,
      options: {
        fetch: { type: 'boolean', default: false },
        database: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        lang: { type: 'string' },
      },
    });
    const { fetch, database, json, lang } = values;
    if (lang !== undefined && lang !== 'ja' && lang !== 'en') return undefined;
    return { fetch, database, json, language: lang };
  } catch {
    return undefined;
  }
}
