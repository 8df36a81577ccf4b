import { mkdir, mkdtemp, rm, rmdir, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { inTurn } from '../../src/admin/turn.ts';

describe('a turn that a killed process left behind', () => {
  it('is cleared away by one process at a time, and no more once another has taken it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tasuki-turn-'));
    try {
      const path = join(directory, 'turn');
      await mkdir(path);
      await utimes(path, 0, 0);
      await mkdir(`${path}.left`); // another process has seen the same, and is faster
      let isIn = false;
      const waiting = inTurn(path, async () => {
        isIn = true;
      });
      await pause(100);
      expect(isIn).toBe(false);
      await utimes(path, new Date(), new Date());
      await rmdir(`${path}.left`);
      await pause(150);
      expect(isIn).toBe(false);
      await rmdir(path);
      await waiting;
      expect(isIn).toBe(true);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
