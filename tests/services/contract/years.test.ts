import { type Server, startServer } from '../../../src/server.ts';
import { contractJob } from '../../../src/services/contract/index.ts';
import { application, call, noticesOf, output } from './papers.ts';
import { Stage } from './stage.ts';

/** What happens to one contract, and what must come of it: told once more, with nothing but JavaScript's Date. */
interface Story {
  readonly received: string;
  readonly start?: string;
  readonly notice?: { readonly on: string; readonly wish?: 'term-end' };
  readonly end?: { readonly on: string; readonly last?: string };
  readonly change?: { readonly on: string; readonly from: string };
  readonly refused?: string;
}

const STORIES: Readonly<Record<string, Story>> = {
  'goes on and on': { received: '2026-02-27', start: '2026-03-01' },
  'starts on a leap day': { received: '2028-02-10', start: '2028-02-29' },
  'starts on the last of a month': { received: '2026-10-31', start: '2026-11-30' },
  'is over with its term, before the month that was asked for': {
    received: '2026-03-01',
    start: '2026-03-31',
    notice: { on: '2027-02-25' },
  },
  'is extended, for word came a day late': {
    received: '2026-03-20',
    start: '2026-04-01',
    notice: { on: '2027-03-02', wish: 'term-end' },
  },
  'is not extended, for word came in time': {
    received: '2026-03-20',
    start: '2026-04-01',
    notice: { on: '2027-03-01', wish: 'term-end' },
  },
  'ends in the middle of its term': { received: '2026-05-01', start: '2026-05-15', notice: { on: '2026-11-01' } },
  'ends within an extension': { received: '2026-05-01', start: '2026-05-15', notice: { on: '2027-05-01' } },
  'is ended by the operator at once': { received: '2026-06-01', start: '2026-06-01', end: { on: '2027-01-10' } },
  'is ended by the operator on a day': {
    received: '2026-06-01',
    start: '2026-06-10',
    end: { on: '2027-02-01', last: '2027-02-15' },
  },
  'changes its services': {
    received: '2026-06-20',
    start: '2026-07-01',
    change: { on: '2026-09-01', from: '2026-10-01' },
  },
  'is never answered, then refused': { received: '2026-07-01', refused: '2026-08-15' },
};
const FIRST = '2026-03-01';
const LAST = '2029-03-05';

const DAY = 86_400_000;
const date = (text: string) => new Date(`${text}T00:00:00Z`);
const text = (value: Date | number) => new Date(value).toISOString().slice(0, 10);
const plus = (day: string, days: number) => text(date(day).getTime() + days * DAY);

function periodEnd(first: string, months: number): string {
  const at = date(first);
  const same = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months, at.getUTCDate()));
  const exists = same.getUTCDate() === at.getUTCDate();
  return exists ? text(same.getTime() - DAY) : text(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months + 1, 0));
}

/** The ends of the periods up to a day, one after the other. */
function periods(start: string, until: string): string[] {
  const ends = [periodEnd(start, 12)];
  while ((ends.at(-1) as string) < until) ends.push(periodEnd(plus(ends.at(-1) as string, 1), 3));
  return ends;
}

/** The last day of service; undefined where nothing ends it. `off`: whether that day itself is without service already. */
function lastDay({ start = '', notice, end }: Story): { readonly day: string; readonly off: boolean } | undefined {
  if (end) return { day: end.last ?? end.on, off: end.last === undefined };
  if (!notice) return undefined;
  const term = periods(start, notice.on).at(-1) as string;
  const inTime = date(term).getTime() - date(notice.on).getTime() >= 30 * DAY;
  const at = date(notice.on);
  const month = text(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 2, 0));
  if (notice.wish) return { day: inTime ? term : periodEnd(plus(term, 1), 3), off: false };
  return { day: inTime && term < month ? term : month, off: false };
}

const BEFORE = 5; // medical cooperation and timeline
const AFTER = 6; // care cooperation and timeline

function expectedServices(story: Story, day: string): number {
  const last = lastDay(story);
  const isOff = last && (last.off ? day >= last.day : day > last.day);
  if (!story.start || day < story.start || isOff) return 0;
  return story.change && day >= story.change.from ? AFTER : BEFORE;
}

/** The notices that were sent from the beginning to the end of a day. */
function expectedNotices(story: Story, today: string): string[] {
  const { received, start, notice, end, change, refused } = story;
  const said: [string, string][] = [[received < FIRST ? FIRST : received, 'received']];
  if (refused) {
    said.push([plus(received, 25), 'acceptance-due'], [plus(received, 31), 'acceptance-overdue'], [refused, 'refused']);
  }
  if (start) {
    said.push([received < FIRST ? FIRST : received, 'accepted'], [start, 'started']);
    const last = lastDay(story);
    const known = notice?.on ?? end?.on;
    for (const term of periods(start, today)) {
      if (!known || plus(term, -45) < known) said.push([plus(term, -45), 'term-ends']);
      if (!known || plus(term, 1) < known) said.push([plus(term, 1), 'extended']);
    }
    if (change) said.push([change.on, 'services'], [change.from, 'services']);
    if (last && !last.off) {
      const export_ = plus(last.day, -14);
      said.push([known as string, 'ending'], [export_ < (known as string) ? (known as string) : export_, 'export']);
      said.push([plus(last.day, 1), 'ended']);
    }
    if (last?.off) said.push([last.day, 'ended']);
    if (last)
      return said
        .filter(([day, kind]) => day <= today && (day <= plus(last.day, 1) || kind === 'ended'))
        .map(([, kind]) => kind)
        .sort();
  }
  return said
    .filter(([day]) => day <= today)
    .map(([, kind]) => kind)
    .sort();
}

let stage: Stage;
let second: Server;
let clock: () => number;
beforeAll(async () => {
  stage = await Stage.open(FIRST);
  clock = () => stage.now;
  second = await startServer({ ...stage.server.config, port: 0 }, () => undefined, { jobsWait: true, now: clock });
});
afterAll(async () => {
  await second.close();
  await stage.close();
});

it('three years, day by day, with two processes at it at the same time, go as the clauses say', async () => {
  const { operator } = stage;
  const contracts = new Map<string, { contract: string; organization: string }>();
  const must = async (path: string, given: object) => {
    const reply = await call(operator, path, given as never);
    if (reply.status >= 300) throw new Error(`${path} ${reply.text}`);
    return reply;
  };
  const act = async (name: string, story: Story, today: string) => {
    if ((story.received < FIRST ? FIRST : story.received) === today) {
      const reply = await must('Contract/$apply', {
        application: application({ 'institution.name': name }),
        received: story.received,
      });
      contracts.set(name, { contract: output(reply, 'contract'), organization: output(reply, 'organization') });
      if (story.start) await must(`${output(reply, 'contract')}/$accept`, { start: story.start });
    }
    const at = contracts.get(name)?.contract;
    if (story.notice?.on === today) await must(`${at}/$terminate`, { wish: story.notice.wish });
    if (story.end?.on === today)
      await must(`${at}/$end`, { ground: 3, contacted: today, reason: 'x', last: story.end.last });
    if (story.change?.on === today)
      await must(`${at}/$change-services`, { service: ['care-cooperation', 'timeline'], from: story.change.from });
    if (story.refused === today) await must(`${at}/$refuse`, { ground: 2, reason: 'x' });
  };
  const never = new AbortController().signal;
  const jobs = [stage.server, second].map(({ engine }) => contractJob(engine, () => undefined));
  for (let today = FIRST; today <= LAST; today = plus(today, 1)) {
    stage.turnTo(`${today}T00:00:00+09:00`);
    await Promise.all(jobs.map((job) => job.run(stage.now, never)));
    stage.turnTo(today);
    for (const [name, story] of Object.entries(STORIES)) await act(name, story, today);
    await Promise.all(jobs.map((job) => job.run(stage.now, never)));
    const { rows } = await stage.database.query<{ id: string; services: number }>(
      'SELECT id, services FROM institution',
    );
    const services = new Map(rows.map((row) => [`Organization/${row.id}`, row.services]));
    for (const [name, { organization }] of contracts)
      expect([today, name, services.get(organization)]).toEqual([
        today,
        name,
        expectedServices(STORIES[name] as Story, today),
      ]);
  }
  for (const [name, { contract }] of contracts)
    expect([name, await noticesOf(operator, contract)]).toEqual([name, expectedNotices(STORIES[name] as Story, LAST)]);
}, 300_000);

it('a process that was down for three years catches up to the same services, and reminds of nothing that is past', async () => {
  const other = await Stage.open(FIRST);
  try {
    const { operator } = other;
    const made = await call(operator, 'Contract/$apply', { application: application() });
    const [contract, organization] = [output(made, 'contract'), output(made, 'organization')];
    await call(operator, `${contract}/$accept`, { start: '2026-03-02' });
    other.turnTo('2029-03-05');
    await other.work();
    expect(await other.services(organization)).toBe(BEFORE);
    const { body } = await operator.get(contract);
    expect(body.applies).toEqual({ start: '2026-03-02', end: periods('2026-03-02', '2029-03-05').at(-1) });
    const notices = await noticesOf(operator, contract);
    expect(notices.filter((kind) => kind === 'term-ends')).toEqual([]);
    expect(notices.filter((kind) => kind === 'extended')).toHaveLength(periods('2026-03-02', '2029-03-05').length - 1);
    await other.work();
    expect(await noticesOf(operator, contract)).toEqual(notices);
  } finally {
    await other.close();
  }
}, 60_000);
