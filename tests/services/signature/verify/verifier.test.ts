import { FhirError } from '../../../../src/http/errors.ts';
import type { Trust, Verdict } from '../../../../src/services/signature/verdict.ts';
import { Verifier, type VerifierOptions } from '../../../../src/services/signature/verify/index.ts';

const trustOf = (...policies: string[]): Trust => ({
  anchors: [],
  intermediates: [],
  timestampAnchors: [],
  timestampIntermediates: [],
  crls: [],
  policies,
  refusedPolicies: [],
});
const trust = trustOf('1.2.3');

const ask = (text: string, trusted = trust) => ({
  submitted: Buffer.from(text),
  issued: undefined,
  trust: trusted,
  roles: ['Medical Doctor'],
  now: Date.UTC(2026, 0, 1),
});
const codes = ({ checks }: Verdict) => checks.map(({ code }) => code);
const told = ({ checks }: Verdict) => JSON.parse(checks[0]?.detail ?? '{}');
const refusal = (promise: Promise<unknown>): Promise<FhirError> =>
  promise.then(
    () => {
      throw new Error('not refused');
    },
    (error) => error,
  );

describe('the verifier', () => {
  let verifier: Verifier | undefined;
  const scripted = (options: VerifierOptions = {}) => {
    verifier = new Verifier({
      workers: 1,
      program: new URL('./programs/scripted.ts', import.meta.url),
      ...options,
    });
    return verifier;
  };
  afterEach(() => verifier?.close());

  it('verifies in its thread with the program of the house', async () => {
    verifier = new Verifier({ workers: 1 });
    const { result, checks } = await verifier.verify(ask('not a PDF'));
    expect(result).not.toBe('VALID');
    expect(checks).toHaveLength(16);
  });

  it('leaves the caller their bytes and sends no more than them', async () => {
    const question = ask('hello there');
    const issued = Buffer.from('xx hello xx').subarray(3, 8);
    const verdict = await scripted().verify({ ...question, issued });
    expect(told(verdict)).toMatchObject({ submitted: 11, pool: 11, issued: 5 });
    expect(question.submitted.toString()).toBe('hello there');
    expect(issued.toString()).toBe('hello');
  });

  it('tells its threads nothing of the environment', async () => {
    expect(told(await scripted().verify(ask('hello'))).environment).toEqual([]);
  });

  it('sends what is trusted only when it is another', async () => {
    const one = scripted();
    const told3 = async (trusted: Trust) => told(await one.verify(ask('hello', trusted))).trust;
    const other = trustOf('4.5.6');
    expect(await told3(trust)).toEqual(['1.2.3']);
    expect(await told3(trust)).toBeUndefined();
    expect(await told3(other)).toEqual(['4.5.6']);
    expect(await told3(other)).toBeUndefined();
    expect(await told3(trust)).toEqual(['1.2.3']);
  });

  it('stops what takes too long, says so, and goes on', async () => {
    const one = scripted({ timeoutMs: 3000 });
    const [stuck, next] = await Promise.all([one.verify(ask('hang')), one.verify(ask('hello'))]);
    expect(stuck.result).toBe('INDETERMINATE');
    expect(codes(stuck)).toContain('VERIFIER_TIMEOUT');
    expect(told(next)).toMatchObject({ submitted: 5, trust: ['1.2.3'] });
  });

  it('bounds the memory of each thread, says so, and goes on', async () => {
    const one = scripted({ maxMemoryMb: 32 });
    const [fat, next] = await Promise.all([one.verify(ask('hoard')), one.verify(ask('hello'))]);
    expect(fat.result).toBe('INDETERMINATE');
    expect(codes(fat)).toContain('VERIFIER_MEMORY');
    expect(told(next)).toMatchObject({ submitted: 5 });
  });

  it.each(['throw', 'exit'])('has no verdict of a thread that breaks: %s', async (word) => {
    const one = scripted();
    const [broken, next] = await Promise.all([one.verify(ask(word)), one.verify(ask('hello'))]);
    expect(broken.result).toBe('INDETERMINATE');
    expect(codes(broken)).toContain('VERIFIER_FAILED');
    expect(told(next)).toMatchObject({ submitted: 5 });
  });

  it('lets some wait, and tells the others when to come back', async () => {
    const one = scripted({ queue: 2 });
    const taken = [one.verify(ask('a')), one.verify(ask('b')), one.verify(ask('c'))];
    const error = await refusal(one.verify(ask('d')));
    expect(error).toBeInstanceOf(FhirError);
    expect(error.status).toBe(503);
    expect(error.headers['Retry-After']).toMatch(/^\d+$/);
    expect(await Promise.all(taken)).toHaveLength(3);
    expect(told(await one.verify(ask('late')))).toMatchObject({ submitted: 4 });
  });

  it('uses as many threads as it may', async () => {
    const one = scripted({ workers: 2, queue: 0, timeoutMs: 2000 });
    const slow = one.verify(ask('hang'));
    expect(told(await one.verify(ask('hello')))).toMatchObject({ submitted: 5 });
    expect((await slow).checks[0]?.code).toBe('VERIFIER_TIMEOUT');
  });

  it('refuses after it is closed, and whoever waits', async () => {
    const one = scripted({ timeoutMs: 60_000 });
    const left = [refusal(one.verify(ask('hang'))), refusal(one.verify(ask('hello')))];
    await one.close();
    for (const error of await Promise.all([...left, refusal(one.verify(ask('hello')))])) expect(error.status).toBe(503);
  });
});
