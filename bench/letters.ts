import { parseArgs } from 'node:util';
import { momentOf } from '../src/demo/data/moment.ts';
import { referralLetter } from '../src/demo/data/referral-letter.ts';
import { derOf, keyOf, makeHpki, TIMESTAMP_POLICY } from '../src/demo/hpki/authorities.ts';
import { doctorsCard, PIN } from '../src/demo/hpki/card.ts';
import { issueTimestamp } from '../src/pki/timestamp.ts';
import { LetterRenderer } from '../src/services/signature/letter/renderer.ts';
import type { VerificationInput } from '../src/services/signature/verdict.ts';
import { Verifier } from '../src/services/signature/verify/index.ts';
import { openPkcs12 } from '../src/sign/pkcs12.ts';
import { signLetter } from '../src/sign/sign-letter.ts';

/**
 * What rendering and verifying a referral letter costs: `node bench/letters.ts [--count N]`. CPU is that of the whole process, worker threads
 * included; memory is the resident set after each tenth of the work.
 */
const { values } = parseArgs({ options: { count: { type: 'string', default: '1000' } } });
const count = Number(values.count);

const now = Date.now();
const hpki = makeHpki(now);
const bundle = referralLetter(momentOf(new Date(now)), 3);
const composition = bundle.entry?.[0]?.resource as { section?: { section?: { title?: string; text?: object }[] }[] };
/** As much history as makes two pages. */
const history = composition.section?.flatMap(({ section = [] }) => section).find(({ title }) => title === '現病歴');
if (history) {
  const line = '健診の胸部X線写真で右上肺野に結節影を指摘された。咳、痰、血痰、体重減少はない。喫煙歴なし。';
  const paragraphs = Array.from({ length: 24 }, (_, i) => `<p>${i + 1}. ${line}</p>`).join('');
  history.text = { status: 'additional', div: `<div xmlns="http://www.w3.org/1999/xhtml">${paragraphs}</div>` };
}
const document = Buffer.from(JSON.stringify(bundle));

async function measure(name: string, work: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < 20; i++) await work();
  const each: number[] = [];
  const memory: number[] = [];
  for (let i = 0; i < count; i++) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    each.push((user + system) / 1000);
    if ((i + 1) % Math.max(1, Math.floor(count / 10)) === 0)
      memory.push(Math.round(process.memoryUsage().rss / 2 ** 20));
  }
  each.sort((a, b) => a - b);
  const at = (part: number) => (each[Math.floor(part * (each.length - 1))] as number).toFixed(1);
  console.log(`${name}: CPU ms median ${at(0.5)}, p90 ${at(0.9)}, most ${at(1)}; resident MB ${memory.join(' ')}`);
}

const renderer = new LetterRenderer();
const pdf = await renderer.render({ document, issuedAt: now });
const pages = Buffer.from(pdf)
  .toString('latin1')
  .match(/\/Type \/Page\b/g)?.length;
console.log(`${count} of each; a letter of ${pages} pages, ${pdf.length} bytes`);
await measure('render', () => renderer.render({ document, issuedAt: now }));
await renderer.close();

const key = openPkcs12(doctorsCard(hpki), PIN);
const certificate = derOf(hpki.timestamp);
const authority = { key: keyOf(hpki.timestampKey), certificate, policy: TIMESTAMP_POLICY, serial: 1n, now };
const crls = Object.values(hpki.crls).map(derOf);
const submitted = await signLetter({
  pdf,
  key,
  timestamp: async (request) => issueTimestamp(request, authority),
  crls,
  now,
});
const input: VerificationInput = {
  submitted,
  issued: pdf,
  trust: {
    anchors: [derOf(hpki.root)],
    intermediates: [derOf(hpki.issuer)],
    timestampAnchors: [derOf(hpki.timestampRoot)],
    timestampIntermediates: [],
    crls,
    policies: ['1.2.392.100495.1.5.1.1'],
    refusedPolicies: ['1.2.392.100495.1.5.1.2'],
  },
  roles: ['Medical Doctor'],
  now: now + 1000,
};
const verifier = new Verifier();
const { checks } = await verifier.verify(input);
const open = checks.filter(({ status }) => status !== 'passed').map(({ name, code }) => `${name} ${code}`);
console.log(`a signed letter of ${submitted.length} bytes; not passed: ${open.join(', ')}`);
await measure('verify', () => verifier.verify(input));
await verifier.close();
