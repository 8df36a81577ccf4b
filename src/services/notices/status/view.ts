import type { Maintenance, Span } from '../../../http/maintenance.ts';
import type { Board, PartState } from './board.ts';
import { TOLD_MS } from './board.ts';
import type { PublicNotice } from './notice.ts';

/** In the order in which they are told. */
export type NoticeState = 'running' | 'announced' | 'over';

export interface ShownNotice extends PublicNotice {
  readonly state: NoticeState;
}

/** What the status page says at an instant. */
export interface StatusView {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly overall: 'operational' | 'maintenance' | 'impaired' | 'unavailable';
  readonly parts: {
    readonly server: PartState;
    readonly database: PartState;
    readonly jobs: PartState;
  };
  /** When it answers again; null: it does. */
  readonly closedUntil: number | null;
  /** The regular window that runs or comes next; null where there is none. */
  readonly regular: Span | null;
  readonly maintenance: readonly ShownNotice[];
  readonly incidents: readonly ShownNotice[];
  /** When the notices were read, epoch milliseconds; null: never. */
  readonly readAt: number | null;
}

export interface ViewOptions {
  readonly board: Board;
  readonly maintenance: Maintenance;
  readonly zone: string;
  /** Whether the service runs in this process, or only its status page. */
  readonly serving: boolean;
}

/** What was planned; all else that is told here is an incident. */
const isPlanned = ({ kind }: PublicNotice): boolean => kind === 'maintenance' || kind === 'suspension';

/** What has no end yet goes on until one is told: that it were over is for nobody but the operator to say. */
export function stateOf({ starts, ends, published }: PublicNotice, at: number): NoticeState {
  const from = starts ?? published;
  if (at < from) return 'announced';
  return at < (ends ?? Number.POSITIVE_INFINITY) ? 'running' : 'over';
}

const ORDER: readonly NoticeState[] = ['running', 'announced', 'over'];

/** Of what is over no more is told: anybody may ask for the page, however long notices are. */
const MOST_OVER = 20;

/** Running before announced before over; what comes first first, what is over last first. */
function ordered(notices: readonly ShownNotice[]): ShownNotice[] {
  const start = (one: ShownNotice) => one.starts ?? one.published;
  const all = notices.toSorted(
    (a, b) =>
      ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
      (a.state === 'over' ? start(b) - start(a) : start(a) - start(b)) ||
      (a.id < b.id ? -1 : 1),
  );
  const over = all.findIndex(({ state }) => state === 'over');
  return over < 0 ? all : all.slice(0, over + MOST_OVER);
}

export function viewOf({ board, maintenance, serving }: Omit<ViewOptions, 'zone'>, at: number): StatusView {
  const shown = board.notices
    .map((notice): ShownNotice => ({ ...notice, state: stateOf(notice, at) }))
    .filter((one) => one.state !== 'over' || (one.ends ?? one.published) > at - TOLD_MS);
  const closedUntil = maintenance.closedUntil(at);
  const parts = {
    server: serving ? ('operational' as const) : ('unavailable' as const),
    database: board.databaseState,
    jobs: board.jobsState,
  };
  const outage = shown.some((one) => !isPlanned(one) && one.state === 'running');
  return {
    at,
    overall:
      closedUntil !== null
        ? 'maintenance'
        : !serving || parts.database === 'unavailable'
          ? 'unavailable'
          : outage || parts.jobs === 'delayed'
            ? 'impaired'
            : 'operational',
    parts,
    closedUntil,
    regular: maintenance.regular(at),
    maintenance: ordered(shown.filter(isPlanned)),
    incidents: ordered(shown.filter((one) => !isPlanned(one))),
    readAt: board.readAt,
  };
}

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());

/** The same for machines. */
export function statusJson(view: StatusView): object {
  const notice = ({ kind, state, title, titleEn, body, bodyEn, published, starts, ends, stops }: ShownNotice) => ({
    kind,
    state,
    title: { ja: title, ...(titleEn !== null && { en: titleEn }) },
    text: { ja: body, ...(bodyEn !== null && { en: bodyEn }) },
    published: iso(published),
    start: iso(starts),
    end: iso(ends),
    stopsService: stops,
  });
  return {
    at: iso(view.at),
    status: view.overall,
    parts: view.parts,
    closedUntil: iso(view.closedUntil),
    regularMaintenance: view.regular && { start: iso(view.regular.from), end: iso(view.regular.to) },
    maintenance: view.maintenance.map(notice),
    incidents: view.incidents.map(notice),
    noticesReadAt: iso(view.readAt),
  };
}
