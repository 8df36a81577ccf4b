import { parseArgs } from 'node:util';
import { Access } from '../access/access.ts';
import { readDays } from '../store/audit-chain.ts';
import type { Database } from '../store/database.ts';
import { loadAnchors } from './verify/anchored.ts';
import { NOTES, type Place, PROBLEMS } from './verify/findings.ts';
import { type Report, verifyAudit } from './verify/index.ts';

export interface VerifyArguments {
  readonly from?: string;
  readonly to?: string;
  /** Files beside or instead of AUDIT_ANCHOR_FILE; null: anchors are not checked. */
  readonly anchors: readonly string[] | null | undefined;
  readonly json: boolean;
  readonly language?: 'ja' | 'en';
}

const DAY = /^\d{4}-\d\d-\d\d$/;

/** What follows `tasuki audit`; undefined where it makes no sense. */
export function readVerifyArguments([command, ...args]: readonly string[]): VerifyArguments | undefined {
  if (command !== 'verify') return undefined;
  try {
    const { values } = parseArgs({
      args,
      options: {
        from: { type: 'string' },
        to: { type: 'string' },
        anchors: { type: 'string', multiple: true },
        'no-anchors': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        lang: { type: 'string' },
      },
    });
    const { from, to, anchors, json, lang } = values;
    if ([from, to].some((day) => day !== undefined && !DAY.test(day))) return undefined;
    if (lang !== undefined && lang !== 'ja' && lang !== 'en') return undefined;
    if (values['no-anchors'] && anchors) return undefined;
    return {
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      anchors: values['no-anchors'] ? null : anchors,
      json,
      ...(lang !== undefined && { language: lang }),
    };
  } catch {
    return undefined;
  }
}

export interface VerifyCommand extends VerifyArguments {
  readonly database: Database;
  /** AUDIT_ANCHOR_FILE. */
  readonly anchorFile: string;
  readonly now: number;
  readonly print: (text: string) => void;
  /** As `Verification` has it. */
  stampFault?(token: Buffer, hash: Buffer): Promise<string | undefined>;
}

/** `tasuki audit verify`: 0 where the chain is whole and is the one that was anchored, else 2. */
export async function verifyCommand(command: VerifyCommand): Promise<0 | 2> {
  const { database, anchors, anchorFile, now, json, print, language = 'en', stampFault } = command;
  const access = Access.system('audit verify');
  const ends = new Map((await readDays(access, database)).map((day) => [day.number, day.lastSeal]));
  const report = await verifyAudit(access, database, {
    now,
    ...(command.from !== undefined && { from: command.from }),
    ...(command.to !== undefined && { to: command.to }),
    ...(anchors !== null && { anchors: await loadAnchors(anchors ?? [anchorFile], (day) => ends.get(day)) }),
    ...(stampFault && { stampFault }),
  });
  print(json ? `${JSON.stringify(report, null, 2)}\n` : printReport(report, language));
  return report.ok ? 0 : 2;
}

const LABELS = Object.freeze({
  en: {
    read: ({ days, stamped, seals, rows, unsealed, erased }: Report) =>
      `${days} closed days (${stamped} time-stamped), ${seals} seals, ${rows} rows: ${unsealed} not sealed yet, ${erased} with details erased`,
    head: 'last seal',
    ok: 'The chain is whole.',
    broken: (count: number) =>
      `The chain is broken: ${count} ${count === 1 ? 'finding' : 'findings'}, the first of them first.`,
    more: (count: number) => `… and ${count} more`,
    note: 'note',
    day: 'day',
    seal: 'seal',
    month: 'rows of',
  },
  ja: {
    read: ({ days, stamped, seals, rows, unsealed, erased }: Report) =>
      `締めた日 ${days}（うちタイムスタンプ ${stamped}）、封印 ${seals}、行 ${rows}（未封印 ${unsealed}、消去済み ${erased}）`,
    head: '最後の封印',
    ok: '連鎖に異常はありません。',
    broken: (count: number) => `連鎖が壊れています。異常 ${count} 件、最初のものから示します。`,
    more: (count: number) => `… ほか ${count} 件`,
    note: '参考',
    day: '日',
    seal: '封印',
    month: '行の月',
  },
});

/** For people. */
export function printReport(report: Report, language: 'ja' | 'en'): string {
  const words = LABELS[language];
  const word = (pair: readonly [string, string]) => pair[language === 'ja' ? 1 : 0];
  const place = ({ day, seal, month, detail }: Place) =>
    [day && `${words.day} ${day}`, seal && `${words.seal} ${seal}`, month && `${words.month} ${month}`, detail]
      .filter(Boolean)
      .join(', ');
  const line = (text: string, where: Place) => (place(where) ? `${text}: ${place(where)}` : text);
  const { head, problems, notes, count, ok } = report;
  const lines = [
    words.read(report),
    ...(head ? [`${words.head} ${head.seal} ${head.hash}`] : []),
    ...notes.map((note) => `${words.note}: ${line(word(NOTES[note.kind]), note)}`),
    ok ? words.ok : words.broken(count),
    ...problems.map((problem) => `  ${line(word(PROBLEMS[problem.kind]), problem)}`),
    ...(count > problems.length ? [`  ${words.more(count - problems.length)}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}
