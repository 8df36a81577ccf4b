const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];

export type Logger = (level: Level, event: string, fields?: Readonly<Record<string, unknown>>) => void;

/**
 * One JSON object a line on stdout. Fields are chosen by the caller of the logger: paths without queries, ids of requests, times,
 * states; never a body, a token, a keycode or anything of a patient.
 */
export function createLogger(
  least: Level,
  write: (line: string) => void = (line) => void process.stdout.write(line),
): Logger {
  const from = LEVELS.indexOf(least);
  return (level, event, fields = {}) => {
    if (LEVELS.indexOf(level) < from) return;
    write(`${JSON.stringify({ at: new Date().toISOString(), level, event, ...fields })}\n`);
  };
}
