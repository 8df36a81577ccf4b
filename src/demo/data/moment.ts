/** When a story is told. Everything in its data follows from it: the same moment makes the same data. */
export interface Moment {
  readonly now: Date;
  /** Eight digits that set the patients and orders of one telling apart from another's on the same server: `now` in seconds. */
  readonly serial: string;
}

export function momentOf(now: Date): Moment {
  return { now, serial: String(Math.floor(now.getTime() / 1000)).slice(-8) };
}
