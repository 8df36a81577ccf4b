import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { verdict } from '../../bench/budgets.ts';
import { quantile } from '../../bench/drive.ts';
import { memoryOf } from '../../bench/processes.ts';
import { Draw } from '../../bench/random.ts';
import { encounter, observation, patient, practitioner, Transaction } from '../../bench/resources.ts';
import { fault, SCENARIOS, type Scenario } from '../../bench/scenarios.ts';
import { validate } from '../../src/fhir/validation/index.ts';

describe('the draws', () => {
  it('are the same for the same seed, and within their bounds', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 1e6 }), (seed, below) => {
        const [one, other] = [new Draw(seed), new Draw(seed)];
        for (let i = 0; i < 20; i++) {
          const drawn = one.int(below);
          expect(drawn).toBe(other.int(below));
          expect(drawn >= 0 && drawn < below).toBe(true);
        }
      }),
    );
  });

  it('spread evenly', () => {
    const draw = new Draw(1);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) counts[draw.int(10)] = (counts[draw.int(10)] ?? 0) + 1;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('count without gaps', () => {
    const draw = new Draw(7);
    expect([draw.serial(), draw.serial(), draw.serial()]).toEqual([1, 2, 3]);
  });
});

describe('the resources', () => {
  it('are valid, whatever is drawn', () => {
    fc.assert(
      fc.property(fc.nat(1e6), (number) => {
        const draw = new Draw(number);
        const subject = { reference: 'Patient/1' } as const;
        const all = [patient(number), practitioner(number), encounter(draw, subject), observation(draw, subject)];
        for (const one of all) expect(validate(one).issues).toEqual([]);
      }),
    );
  });

  it('refer to each other within a transaction', () => {
    const transaction = new Transaction();
    const subject = transaction.add(patient(1));
    const visit = transaction.add(encounter(new Draw(1), subject));
    transaction.add(observation(new Draw(1), subject, visit));
    const { entry } = JSON.parse(transaction.body);
    expect(new Set(entry.map(({ fullUrl }: { fullUrl: string }) => fullUrl)).size).toBe(3);
    expect(entry[2].resource).toMatchObject({
      subject: { reference: entry[0].fullUrl },
      encounter: { reference: entry[1].fullUrl },
    });
  });
});

describe('a figure', () => {
  it('is held against its budget', () => {
    expect(verdict(0.3, 0.3)).toBe('ok');
    expect(verdict(0.39, 0.3)).toBe('×1.3');
    expect(verdict(0.301, 0.3)).toBe('×1.00');
    expect(verdict(null, 0.3)).toBe('');
    expect(verdict(1, null)).toBe('');
  });

  it('is the least latency that so many requests did not exceed', () => {
    const hundred = Float64Array.from({ length: 100 }, (_, i) => i + 1);
    expect([0, 0.5, 0.99, 1].map((part) => quantile(hundred, part))).toEqual([1, 50, 99, 100]);
    expect(quantile(new Float64Array(), 0.5)).toBe(0);
  });

  it('of memory is that of the process', async () => {
    if (process.platform !== 'linux') return expect(memoryOf(process.pid)).toBeUndefined();
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const memory = memoryOf(child.pid as number);
    expect(memory?.resident).toBeLessThanOrEqual(memory?.peak as number);
    expect(memory?.resident).toBeLessThan(memoryOf(process.pid)?.resident as number);
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
});

describe('an answer', () => {
  const [scenario] = SCENARIOS as [Scenario];
  const answered = (status: number, body: unknown) => ({ status, body: Buffer.from(JSON.stringify(body)) });
  const bundle = (...entry: object[]) => answered(200, { resourceType: 'Bundle', entry });

  it('must have the status', () => {
    expect(fault(scenario, answered(200, {}))).toBeUndefined();
    expect(fault(scenario, answered(404, {}))).toContain('404');
  });

  it('must have the entries, none of which failed', () => {
    const two = { ...scenario, entries: [2, 2] as const };
    expect(fault(two, bundle({}, {}))).toBeUndefined();
    expect(fault(two, bundle({}))).toContain('1 entries');
    expect(fault(two, bundle({}, { response: { status: '404 Not Found' } }))).toContain('404 Not Found');
  });
});

describe('the command line', () => {
  const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', timeout: 30_000 });

  it.each([['--scenario', 'nothing'], ['--patients', '0'], ['--seconds', 'x'], ['--what']])(
    'refuses %s %s before anything is started',
    (...args) => {
      const { status, stderr } = run(...args);
      expect(status).toBe(1);
      expect(stderr).toContain('npm run bench');
    },
  );

  it('names the scenarios', () => {
    const { status, stdout } = run('--help');
    expect(status).toBe(0);
    for (const { name } of SCENARIOS) expect(stdout).toContain(name);
  });
});
