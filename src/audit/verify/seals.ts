import type { Access } from '../../access/access.ts';
import { type ClosedDay, readSeals } from '../../store/audit-chain.ts';
import { dayHash, GENESIS, type Seal, sealHash } from '../../store/audit-encoding.ts';
import type { Queryable } from '../../store/database.ts';
import type { Findings } from './findings.ts';
import { type RowCheck, rowsOf } from './rows.ts';

/** Seals and rows that are read at once: what stands in memory. */
const SEALS = 500;
const ROWS = 5_000;
/** Above every seal. */
const ALL = 2n ** 63n - 1n;

/** What part of the chain is verified. */
export interface Range {
  /** Seals after this number, with what the first of them must follow. */
  readonly after: bigint;
  readonly hash: Buffer;
  /** Up to this number; to the end where `open`. */
  readonly upTo: bigint;
  readonly open: boolean;
}

/** @param from  first day of the chain, `2026-11-23`; from its beginning unless told @param to  last day */
export function rangeOf(
  days: readonly ClosedDay[],
  { from, to }: { readonly from?: string; readonly to?: string },
): Range {
  const first = from === undefined ? 0 : days.findIndex(({ day }) => day >= from);
  const previous = first < 0 ? days.at(-1) : days[first - 1];
  const last = to === undefined ? undefined : days.findLast(({ day }) => day <= to);
  return {
    after: previous?.lastSeal ?? 0n,
    hash: previous?.hash ?? GENESIS,
    upTo: to === undefined ? ALL : (last?.lastSeal ?? 0n),
    open: to === undefined || (days.at(-1)?.day ?? '') < to,
  };
}

export interface Walking {
  readonly days: readonly ClosedDay[];
  readonly range: Range;
  readonly check: RowCheck;
  readonly findings: Findings;
  /** Hashes of seals, by their numbers, that anchors name. */
  readonly anchored: ReadonlyMap<string, unknown> | undefined;
  progress?(rows: number): void;
}

export interface Walked {
  readonly seals: number;
  /** Number of the last seal that was read. */
  readonly last: bigint;
  readonly head: Seal | undefined;
  /** Hashes of those seals that anchors name. */
  readonly anchoredSeals: ReadonlyMap<string, string>;
}

/** Goes from seal to seal, checks each, and its rows, and the days that end with them. */
export async function walkSeals(access: Access, database: Queryable, walking: Walking): Promise<Walked> {
  const { days, range, check, findings, anchored, progress } = walking;
  const anchoredSeals = new Map<string, string>();
  const ends = new Map(days.map((day) => [day.lastSeal, day]));
  let head: Seal | undefined;
  let [hash, number, seals, dayRows] = [range.hash, range.after, 0, 0n];
  const upTo = range.open ? ALL : range.upTo;
  let group: Seal[] = [];
  let groupRows = 0;
  const flush = async () => {
    await check.check(group);
    group = [];
    groupRows = 0;
    progress?.(check.rows);
  };
  for (;;) {
    const page = (await readSeals(access, database, { after: number, most: SEALS })).filter(
      (seal) => seal.number <= upTo,
    );
    if (page.length === 0) break;
    for (const seal of page) {
      const sound = soundSeal(seal, { number, hash, head, first: range.after === 0n }, findings);
      if (!sound || groupRows + rowsOf(seal) > ROWS) await flush();
      if (sound) {
        group.push(seal);
        groupRows += rowsOf(seal);
      }
      if (anchored?.has(String(seal.number))) anchoredSeals.set(String(seal.number), seal.hash.toString('hex'));
      [head, hash, number] = [seal, seal.hash, seal.number];
      seals++;
      dayRows += BigInt(rowsOf(seal));
      const end = ends.get(seal.number);
      if (end) {
        checkDay(end, days, seal, dayRows, findings);
        [hash, dayRows] = [end.hash, 0n];
      }
    }
  }
  await flush();
  checkEnds(days, range, number, findings);
  return { seals, last: number, head, anchoredSeals };
}

/** Whether the seal is the next one and says what it said when it was made. */
function soundSeal(
  seal: Seal,
  { number, hash, head, first }: { number: bigint; hash: Buffer; head: Seal | undefined; first: boolean },
  findings: Findings,
): boolean {
  const place = { day: seal.day, seal: String(seal.number) };
  if (seal.number !== number + 1n) {
    findings.problem('seal-removed', {
      ...place,
      seal: String(number + 1n),
      detail: `${number} is followed by ${seal.number}`,
    });
    return false;
  }
  if (!sealHash(seal).equals(seal.hash)) {
    findings.problem('seal-changed', { ...place, detail: 'its hash is not that of what it says' });
    return false;
  }
  if (!seal.previous.equals(hash)) {
    if (head?.hash.equals(hash) && head.day !== seal.day)
      findings.problem('day-removed', {
        day: head.day,
        seal: String(head.number),
        detail: 'the day after it begins otherwise',
      });
    else findings.problem('seal-changed', { ...place, detail: 'it does not follow the one before it' });
    return false;
  }
  if (head ? seal.fromTx !== head.toTx : first && seal.fromTx !== -(2n ** 63n)) {
    findings.problem('seal-changed', { ...place, detail: 'its rows do not begin where those of the one before end' });
    return false;
  }
  return true;
}

function checkDay(day: ClosedDay, days: readonly ClosedDay[], last: Seal, rows: bigint, findings: Findings): void {
  const place = { day: day.day, seal: String(last.number) };
  const before = days[days.indexOf(day) - 1];
  if (day.number !== (before?.number ?? 0) + 1)
    findings.problem('day-removed', { ...place, detail: `day ${(before?.number ?? 0) + 1}` });
  else if (
    day.firstSeal !== (before?.lastSeal ?? 0n) + 1n ||
    !dayHash(day, last.hash).equals(day.hash) ||
    day.day !== last.day
  )
    findings.problem('day-changed', { ...place, detail: 'its hash is not that of what it says' });
  else if (day.rows !== rows)
    findings.problem('day-changed', { ...place, detail: `${day.rows} rows, its seals have ${rows}` });
}

/** Days whose last seal is not there. */
function checkEnds(days: readonly ClosedDay[], range: Range, last: bigint, findings: Findings): void {
  for (const { day, lastSeal } of days)
    if (lastSeal > last && lastSeal > range.after && (range.open || lastSeal <= range.upTo))
      findings.problem('seal-removed', { day, seal: String(lastSeal), detail: 'the last of its day' });
}
