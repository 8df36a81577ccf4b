import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { application, BASE, call, output } from '../services/contract/papers.ts';
import { Stage } from '../services/contract/stage.ts';

const MANY = 30;
const LATE = '2026-04-02T12:00:00+09:00';

let stage: Stage;
const directories: string[] = [];
beforeAll(async () => {
  stage = await Stage.open('2026-03-01');
});
afterAll(async () => {
  await stage.close();
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** A process that works off what is due; killed after so many contracts, or left to end. Answers how many it told of. */
async function work(killAfter = Number.POSITIVE_INFINITY): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), `tasuki-test-${process.pid}-contracts-`));
  directories.push(directory);
  const child = spawn(
    process.execPath,
    ['tests/faults/contract-process.ts', stage.clone.url, directory, stage.server.config.identitySecretFile, LATE],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let told = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    told += String(chunk).split('overdue\n').length - 1;
    if (told >= killAfter) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.once('close', resolve));
  return told;
}

it('what is due is done once, though the process at it is killed, and others take over', async () => {
  for (let i = 0; i < MANY; i++) {
    const reply = await call(stage.operator, 'Contract/$apply', { application: application(), received: '2026-03-01' });
    expect([reply.status, output(reply, 'status')]).toEqual([201, 'offered']);
  }
  for (const killAfter of [1, 4, 9]) {
    await work(killAfter);
    // The turn of who was killed passes to another after a minute; here at once. Who was done before the kill has given it back.
    await stage.database.query('UPDATE job SET held_until = now() WHERE held_by IS NOT NULL');
  }
  const both = await Promise.all([work(), work()]);
  expect(both.every((told) => told <= MANY)).toBe(true);
  const { rows } = await stage.database.query<{ acts: number; contracts: number }>(
    `SELECT count(*)::int AS acts, count(DISTINCT resource)::int AS contracts FROM audit WHERE interaction = 'contract-overdue'`,
  );
  expect(rows[0]).toEqual({ acts: MANY, contracts: MANY });
  const { body } = await stage.operator.get(
    `Communication?category=${BASE}/CodeSystem/contract-notice|acceptance-overdue&_summary=count`,
  );
  expect(body.total).toBe(MANY);
  const told = await stage.database.query<{ told: string[] }>('SELECT told FROM contract WHERE state = $1', [
    'applied',
  ]);
  expect(told.rows.map((row) => [...row.told].sort())).toEqual(
    Array.from({ length: MANY }, () => ['acceptance-due', 'acceptance-overdue']),
  );
}, 120_000);
