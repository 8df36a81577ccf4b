import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addDss } from '../../src/pdf/dss.ts';
import { examine, signedBytes } from '../../src/pdf/examine.ts';
import { fillContents, prepareDocumentTimestamp, prepareSignature } from '../../src/pdf/sign.ts';
import { pdfmakeLetter, tinyLetter } from './letters.ts';

/** What other programs say of the files that we write. */
const present = (program: string) => spawnSync(program, ['--version']).error === undefined;
const withQpdf = present('qpdf') ? describe : describe.skip;
const withPdfsig = present('pdfsig') && present('openssl') ? describe : describe.skip;

const options = {
  fieldName: '医師',
  reason: '診療情報提供書',
  signingTime: Date.UTC(2026, 3, 1),
  subFilter: 'ETSI.CAdES.detached',
} as const;
const der = (hex: string) => Buffer.from(hex, 'hex');

let room: string;
beforeAll(() => {
  room = mkdtempSync(join(tmpdir(), 'tasuki-pdf-'));
});
afterAll(() => rmSync(room, { recursive: true }));

const save = (name: string, bytes: Uint8Array): string => {
  const path = join(room, name);
  writeFileSync(path, bytes);
  return path;
};

withQpdf('qpdf finds no fault', () => {
  it.each([
    ['small', async () => tinyLetter()],
    ['pdfmake', () => pdfmakeLetter()],
  ])('%s: signed, with DSS and with a time-stamp', async (name, make) => {
    const signed = fillContents(prepareSignature(await make(), options), der('3000'));
    const archived = addDss(signed, { certificates: [der('3001AA')], crls: [der('3001BB')] });
    const stamped = fillContents(prepareDocumentTimestamp(archived), der('3000'));
    for (const [step, bytes] of Object.entries({ signed, archived, stamped })) {
      const said = execFileSync('qpdf', ['--check', save(`${name}-${step}.pdf`, bytes)], { encoding: 'utf8' });
      expect(said).toContain('No syntax or stream encoding errors found');
      expect(said).not.toMatch(/WARNING|recovered|damaged/i);
    }
    const json = execFileSync('qpdf', ['--json', '--json-key=acroform', join(room, `${name}-stamped.pdf`)], {
      encoding: 'utf8',
    });
    expect(JSON.parse(json).acroform.fields.map((field: { fullname: string }) => field.fullname)).toEqual([
      '医師',
      'DocumentTimestamp1',
    ]);
  });
});

withQpdf('a signed file that qpdf wrote anew', () => {
  it.each([['--linearize'], ['--object-streams=generate'], ['--qdf'], ['--stream-data=preserve']])(
    'with %s is undecided',
    (option) => {
      const letter = tinyLetter();
      const path = save('signed.pdf', fillContents(prepareSignature(letter, options), der('3000')));
      const out = join(room, 'anew.pdf');
      execFileSync('qpdf', [option, '--preserve-unreferenced', path, out], { stdio: 'pipe' });
      const { findings } = examine(readFileSync(out), letter);
      const [first] = findings;
      expect(first).toMatchObject({ check: 'issued-bytes', code: 'FOREIGN_REWRITTEN', status: 'undecided' });
      expect(findings.filter(({ status }) => status === 'passed')).toEqual([]);
    },
  );
});

withPdfsig('pdfsig', () => {
  /** By openssl's own CMS, so that nothing of ours is checked by ours. */
  function sign(letter: Uint8Array): Uint8Array {
    const [key, cert, out] = ['key.pem', 'cert.pem', 'out.der'].map((name) => join(room, name)) as [
      string,
      string,
      string,
    ];
    const subject = ['-subj', '/CN=Doctor', '-days', '9', '-newkey', 'rsa:2048', '-nodes'];
    execFileSync('openssl', ['req', '-x509', ...subject, '-keyout', key, '-out', cert], { stdio: 'pipe' });
    const prepared = prepareSignature(letter, options);
    const content = save('content', Buffer.concat(signedBytes(prepared.bytes, prepared.byteRange)));
    const to = ['-signer', cert, '-inkey', key, '-md', 'sha256', '-outform', 'DER', '-out', out];
    execFileSync('openssl', ['cms', '-sign', '-binary', '-cades', '-in', content, ...to], { stdio: 'pipe' });
    return fillContents(prepared, readFileSync(out));
  }
  const pdfsig = (path: string) => spawnSync('pdfsig', ['-nocert', path], { encoding: 'utf8' }).stdout;

  it('finds the signature valid and the ranges as we do, also under a DSS; and a changed byte', async () => {
    const letter = await pdfmakeLetter();
    const signed = sign(letter);
    const [a, b, c, d] = examine(signed, letter).signature!.byteRange;
    const said = pdfsig(save('signed.pdf', signed));
    expect(said).toContain('Signature Validation: Signature is Valid.');
    expect(said).toContain(`Signed Ranges: [${a} - ${a + b}], [${c} - ${c + d}]`);
    expect(said).toContain('Total document signed');
    expect(said).toContain('Signature Type: ETSI.CAdES.detached');
    const archived = pdfsig(save('archived.pdf', addDss(signed, { certificates: [der('3001AA')], crls: [] })));
    expect(archived).toContain('Signature is Valid.');
    expect(archived).toContain('Not total document signed');
    const changed = Buffer.from(signed);
    changed[letter.indexOf('endstream') - 5]! ^= 1;
    expect(pdfsig(save('changed.pdf', changed))).toContain('Digest Mismatch');
  });
});
