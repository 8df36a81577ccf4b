import { readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { postmasterIn } from '../tests/support/guard.ts';

/** CPU time in milliseconds, of user and system together. */
export interface CpuTime {
  readonly server: number;
  readonly database: number;
}

/** USER_HZ, in which /proc counts, is 100 on every architecture that Node runs on; one tick is 10 ms. */
const TICK = 10;

/**
 * What the server's process and every process of the PostgreSQL in its DATA_DIR have used so far, those included that have ended.
 * Undefined elsewhere than on Linux.
 */
export function cpuTime(server: number, dataDir: string): CpuTime | undefined {
  if (process.platform !== 'linux') return undefined;
  const own = stat(server);
  const postmaster = postmasterIn(dataDir);
  if (!own || postmaster === undefined) return undefined;
  return { server: (own.user + own.system) * TICK, database: ticksOfTree(postmaster) * TICK };
}

/** A child that ends while it is counted would be counted twice or not at all: then the count is taken again. */
function ticksOfTree(parent: number): number {
  for (;;) {
    const before = stat(parent);
    if (!before) return 0;
    const children = readdirSync('/proc').flatMap((name) => {
      const one = /^\d+$/.test(name) ? stat(Number(name)) : undefined;
      return one?.parent === parent ? [one.user + one.system] : [];
    });
    const after = stat(parent);
    if (after?.ended === before.ended)
      return children.reduce((sum, ticks) => sum + ticks, before.user + before.system + before.ended);
  }
}

/** Fields of /proc/PID/stat (proc_pid_stat(5)); `ended` is that of the children that it has waited for. */
function stat(pid: number) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const field = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const number = (nth: number) => Number(field[nth - 3]);
    return { parent: number(4), user: number(14), system: number(15), ended: number(16) + number(17) };
  } catch {
    return undefined;
  }
}

export interface Memory {
  /** Bytes now, and at most so far. */
  readonly resident: number;
  readonly peak: number;
}

/** Undefined elsewhere than on Linux. */
export function memoryOf(pid: number): Memory | undefined {
  if (process.platform !== 'linux') return undefined;
  const text = readFileSync(`/proc/${pid}/status`, 'latin1');
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) * 1024;
  return { resident: bytes('VmRSS'), peak: bytes('VmHWM') };
}

/** What the whole machine has worked so far, in milliseconds of CPU time. */
export function machineBusy(): number {
  return os.cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

/** What this process has used so far, in milliseconds of CPU time. */
export function ownCpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
