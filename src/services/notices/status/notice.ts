import type { Announcement } from '../../../store/notice.ts';

/** A notice of maintenance or an outage that was published to everyone: all that the status page knows of the database. */
export interface PublicNotice extends Omit<Announcement, 'override'> {
  /** Of the Communication. */
  readonly id: string;
}

/** What the status page knew at an instant, as it is kept in the file. */
export interface Kept {
  /** Epoch milliseconds. */
  readonly readAt: number | null;
  readonly notices: readonly PublicNotice[];
}

const isTime = (value: unknown) => value === null || (typeof value === 'number' && Number.isFinite(value));
const isText = (value: unknown) => value === null || typeof value === 'string';

/** A file may be damaged, or somebody else's. */
export function isKept(value: unknown): value is Kept {
  const { readAt, notices } = (value ?? {}) as Partial<Kept>;
  return (
    isTime(readAt) &&
    Array.isArray(notices) &&
    notices.every((one: Partial<PublicNotice> | null) => {
      if (!one || typeof one !== 'object') return false;
      const { id, kind, title, body, published, stops } = one;
      return (
        [id, kind, title, body].every((text) => typeof text === 'string') &&
        typeof published === 'number' &&
        typeof stops === 'boolean' &&
        isTime(one.starts) &&
        isTime(one.ends) &&
        isText(one.titleEn) &&
        isText(one.bodyEn)
      );
    })
  );
}
