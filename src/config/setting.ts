/** One setting of the server. */
export interface Setting<T> {
  readonly variable: string;
  readonly meaning: string;
  /** As one would write it in the environment; null where the value is absent or follows from other settings. */
  readonly fallback: string | null;
  /** What the table shows where `fallback` is null. */
  readonly shown?: string;
  /** Throws a TypeError whose message completes "PORT must be …". */
  readonly parse: (text: string) => T;
}

export const setting = <T>(
  variable: string,
  meaning: string,
  fallback: string,
  parse: (text: string) => T,
): Setting<T> => Object.freeze({ variable, meaning, fallback, parse });

export const optional = <T>(
  variable: string,
  meaning: string,
  shown: string,
  parse: (text: string) => T,
): Setting<T | null> => Object.freeze({ variable, meaning, fallback: null, shown, parse });
