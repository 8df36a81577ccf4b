import { Maintenance } from '../../../src/http/maintenance.ts';
import type { Board } from '../../../src/services/notices/status/board.ts';
import type { PublicNotice } from '../../../src/services/notices/status/notice.ts';
import { viewOf } from '../../../src/services/notices/status/view.ts';

const NOW = Date.parse('2026-12-01T00:00:00Z');
const HOUR = 3_600_000;
const notice = (kind: string, starts: number, ends: number | null): PublicNotice => ({
  id: `${kind} ${starts} ${ends}`,
  kind,
  published: NOW - 100 * HOUR,
  starts: NOW + starts * HOUR,
  ends: ends === null ? null : NOW + ends * HOUR,
  stops: false,
  title: 't',
  body: 'b',
  titleEn: null,
  bodyEn: null,
});
const view = (...notices: PublicNotice[]) =>
  viewOf(
    {
      board: { notices, databaseState: 'operational', jobsState: 'operational', readAt: NOW } as unknown as Board,
      maintenance: new Maintenance(null, 'Asia/Tokyo'),
      serving: true,
    },
    NOW,
  );

it('tells what runs, then what comes, then what is over, the nearest first, and of that not more than twenty', () => {
  const over = Array.from({ length: 30 }, (_, i) => notice('outage', -60 + i, -59 + i));
  const rest = [notice('outage', 2, 3), notice('outage', 1, null), notice('outage', -1, 1), notice('outage', -2, null)];
  const { incidents, overall } = view(...over, ...rest);
  expect(incidents.map(({ state }) => state)).toEqual([
    'running',
    'running',
    'announced',
    'announced',
    ...Array.from({ length: 20 }, () => 'over'),
  ]);
  expect(incidents.slice(0, 5).map(({ starts }) => ((starts as number) - NOW) / HOUR)).toEqual([-2, -1, 1, 2, -31]);
  expect(overall).toBe('impaired');
});

it.each([
  ['maintenance', -1, 1, 'operational', 'maintenance'],
  ['suspension', -1, 1, 'operational', 'maintenance'],
  ['emergency-maintenance', -1, 1, 'impaired', 'incidents'],
  ['outage', -100, null, 'impaired', 'incidents'],
  ['outage', -2, -1, 'operational', 'incidents'],
] as const)('takes %s from %i to %s for %s, among %s', (kind, from, to, overall, list) => {
  const found = view(notice(kind, from, to));
  expect([found.overall, found[list].length, found.maintenance.length + found.incidents.length]).toEqual([
    overall,
    1,
    1,
  ]);
});
