import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { printReport, readVerifyArguments } from '../../src/audit/command.ts';
import { NOTES, PROBLEMS } from '../../src/audit/verify/findings.ts';
import type { Report } from '../../src/audit/verify/index.ts';
import { derOf, keyOf, makeHpki, TIMESTAMP_POLICY } from '../../src/demo/hpki/authorities.ts';
import { issueTimestamp, readTimestampResponse, timestampRequest } from '../../src/pki/timestamp.ts';
import { loneStampFault } from '../../src/services/signature/verify/lone-stamp.ts';
import { Chain, DAY, full, NOON } from './chain.ts';

let chain: Chain;
beforeAll(async () => {
  chain = await Chain.open();
  const run = chain.jobs();
  for (const day of [0, 1, 2]) {
    await chain.add([full(NOON + day * DAY)]);
    await chain.calm();
    await run('seal-audit', NOON + day * DAY);
    await run('anchor-audit', NOON + day * DAY);
  }
});
afterAll(() => chain.close());

async function tasuki(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  const env = {
    ...process.env,
    NODE_COMPILE_CACHE: process.env.TASUKI_TEST_COMPILED,
    DATABASE_URL: chain.url,
    AUDIT_ANCHOR_FILE: chain.anchorFile,
    DATA_DIR: `${chain.anchorFile}.data`,
    LANG: 'en',
  };
  const child = spawn(process.execPath, ['src/main.ts', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, error, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number, out, error };
}

describe('tasuki audit verify', () => {
  it('ends with 0 where all is well, and says what it read', async () => {
    const { code, out } = await tasuki('audit', 'verify');
    expect(out).toMatch(
      /^2 closed days \(0 time-stamped\), 3 seals, 3 rows: 0 not sealed yet, 0 with details erased\nlast seal 3 [0-9a-f]{64}\n/,
    );
    expect(out).toContain('The chain is whole.');
    expect(code).toBe(0);
  });

  it('ends with 2 where it is not, and names the first that is broken', async () => {
    await chain.tamper(`UPDATE audit SET outcome = 4 WHERE at = $1::timestamptz`, [new Date(NOON + DAY)]);
    try {
      const { code, out } = await tasuki('audit', 'verify');
      expect(out).toContain('The chain is broken: 1 finding');
      expect(out).toContain('an audit row was changed: day 2026-11-24, seal 2, rows of 2026-11');
      expect(code).toBe(2);
      const json = JSON.parse((await tasuki('audit', 'verify', '--json', '--no-anchors', '--from', '2026-11-24')).out);
      expect(json).toMatchObject({ ok: false, problems: [{ kind: 'row-changed', seal: '2' }], days: 1 });
      const part = await tasuki('audit', 'verify', '--to', '2026-11-23', '--lang', 'ja', '--anchors', chain.anchorFile);
      expect(part).toMatchObject({ code: 0, out: expect.stringContaining('連鎖に異常はありません。') });
    } finally {
      await chain.tamper(`UPDATE audit SET outcome = 0 WHERE outcome = 4`);
    }
  });

  it('says how it is used', async () => {
    const { code, error } = await tasuki('audit', 'verify', '--from', 'yesterday');
    expect([code, error]).toEqual([2, expect.stringContaining('tasuki audit verify')]);
  });
});

it.each([
  [['verify'], {}],
  [['verify', '--anchors', 'a', '--anchors', 'b'], { anchors: ['a', 'b'] }],
  [['verify', '--no-anchors'], { anchors: null }],
  [['check'], undefined],
  [[], undefined],
  [['verify', '--to', '2026-1-1'], undefined],
  [['verify', '--lang', 'fr'], undefined],
  [['verify', '--no-anchors', '--anchors', 'a'], undefined],
  [['verify', '--what'], undefined],
])('arguments %p', (args, expected) => {
  const read = readVerifyArguments(args);
  if (expected === undefined) expect(read).toBeUndefined();
  else expect(read).toMatchObject(expected);
});

it('every finding is told in both languages', () => {
  const report: Report = {
    ok: false,
    problems: Object.keys(PROBLEMS).map((kind) => ({ kind: kind as keyof typeof PROBLEMS, seal: '1' })),
    count: 200,
    notes: Object.keys(NOTES).map((kind) => ({ kind: kind as keyof typeof NOTES })),
    days: 0,
    seals: 0,
    rows: 0,
    unsealed: 0,
    erased: 0,
    stamped: 0,
    head: null,
  };
  for (const [index, language] of (['en', 'ja'] as const).entries()) {
    const printed = printReport(report, language);
    for (const words of [...Object.values(PROBLEMS), ...Object.values(NOTES)]) expect(printed).toContain(words[index]);
    expect(printed).not.toContain('undefined');
  }
});

it('a time-stamp is believed of the hash that it is of, by an authority that is trusted', () => {
  const now = Date.now();
  const hpki = makeHpki(now);
  const stamp = (data: Buffer) => {
    const certificate = derOf(hpki.timestamp);
    const authority = { key: keyOf(hpki.timestampKey), certificate, policy: TIMESTAMP_POLICY, serial: 1n, now };
    return readTimestampResponse(issueTimestamp(timestampRequest({ imprint: data }), authority)).token as Uint8Array;
  };
  const hash = Buffer.alloc(32, 7);
  const imprint = createHash('sha256').update(hash).digest();
  const trust = {
    anchors: [],
    intermediates: [],
    timestampAnchors: [derOf(hpki.timestampRoot)],
    timestampIntermediates: [],
    crls: [],
    policies: [],
    refusedPolicies: [],
  };
  expect(loneStampFault(stamp(imprint), [hash], trust, now + 1000)).toBeUndefined();
  expect(loneStampFault(stamp(imprint), [Buffer.alloc(32, 8)], trust, now + 1000)).toMatch(/^TST_IMPRINT/);
  expect(loneStampFault(stamp(imprint), [hash], { ...trust, timestampAnchors: [] }, now + 1000)).toMatch(/^[A-Z_]+: /);
  expect(loneStampFault(Buffer.from('no token'), [hash], trust, now + 1000)).toMatch(/^TST_MALFORMED/);
});
