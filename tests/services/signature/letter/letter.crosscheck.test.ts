/**
 * Letters as Debian's poppler-utils and qpdf see them. The pictures in golden/ are pages in grey at 60 dpi; after a wanted change of the
 * layout look at the new ones and keep them:
 *
 *   UPDATE_GOLDEN=1 npm test -- tests/services/signature/letter/letter.crosscheck
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLetter } from '../../../../src/services/signature/letter/read-letter.ts';
import { renderLetter } from '../../../../src/services/signature/letter/render.ts';
import {
  briefLetter,
  bytes,
  fullLetter,
  hostileLetter,
  ISSUED_AT,
  type Json,
  letter,
  longLetter,
  MANDATORY,
  section,
} from './letters.ts';
import { difference, drawPage, readPng, writePng } from './picture.ts';

const installed = ['pdftoppm', 'pdftotext', 'pdfdetach', 'pdffonts', 'qpdf'].every(
  (program) => spawnSync(program, ['--version']).error === undefined,
);

const LETTERS: Readonly<Record<string, () => Json>> = {
  brief: briefLetter,
  full: fullLetter,
  long: longLetter,
  hostile: hostileLetter,
};
const DPI = 60;

(installed ? describe : describe.skip)('letters as other programs see them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tasuki-letters-'));
  const path = (name: string) => join(folder, `${name}.pdf`);
  const run = (program: string, ...given: string[]) => execFileSync(program, given, { encoding: 'utf8' });
  const textOf = (name: string, ...given: string[]) => run('pdftotext', ...given, '-enc', 'UTF-8', path(name), '-');
  const close = (text: string) => text.replaceAll(/[\s　]/g, '');

  beforeAll(async () => {
    for (const [name, make] of Object.entries(LETTERS)) {
      writeFileSync(path(name), await renderLetter({ document: bytes(make()), issuedAt: ISSUED_AT }));
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['brief', 1],
    ['full', 1],
    ['full', 2],
    ['long', 1],
    ['long', 2],
    ['hostile', 1],
    ['hostile', 2],
  ])('%s letter, page %i, looks as it should', (name, page) => {
    const golden = new URL(`./golden/${name}-${page}.png`, import.meta.url);
    const drawn = drawPage(path(name), page, DPI);
    if (process.env.UPDATE_GOLDEN) {
      mkdirSync(new URL('.', golden), { recursive: true });
      writeFileSync(golden, writePng(drawn));
    }
    expect(difference(drawn, readPng(readFileSync(golden)))).toBeLessThan(0.001);
  });

  it('tells a picture with another word from the same one', () => {
    const [one, other] = [drawPage(path('brief'), 1, DPI), drawPage(path('full'), 1, DPI)];
    expect(difference(one, one)).toBe(0);
    expect(difference(one, other)).toBeGreaterThan(0.02);
  });

  it.each(['brief', 'full'])('%s letter has all its contents in its text', (name) => {
    const read = readLetter(LETTERS[name]!());
    const text = close(textOf(name, '-raw'));
    const { to, from, patient, sections } = read;
    const expected = [
      ...[to.institution, to.department, `${to.doctor ?? '担当医'}先生`],
      ...[from.institution, from.department, from.doctor, from.address, from.phone, from.fax],
      ...[patient.name, patient.kana, patient.sex, patient.address, patient.phone, patient.occupation],
      ...['昭和30年（1955年）5月4日生71歳', '発行日令和8年11月22日', read.identifier, '診療情報提供書', '以上'],
      ...sections.flatMap(({ title, text: said, medications }) => [
        title,
        ...said.split('\n'),
        ...medications.flatMap((medication) => Object.values(medication)),
      ]),
    ];
    const written = (part: string) => close(part).replaceAll('₂', '2');
    expect(expected.filter((part) => part && !text.includes(written(part)))).toEqual([]);
  });

  it('claims no signature of an unsigned copy', () => {
    expect(close(textOf('brief'))).toContain('電子署名（HPKI）が付されたものに限り');
    expect(close(textOf('brief'))).not.toMatch(/電子署名済|署名しました|署名されています/);
  });

  it('has the whole of a long history, flowing over pages', () => {
    const years = readLetter(longLetter())
      .sections.find(({ code }) => code === '360')!
      .text.split('\n');
    const body = run(
      'pdftotext',
      '-raw',
      '-enc',
      'UTF-8',
      '-y',
      '62',
      '-H',
      '728',
      '-x',
      '0',
      '-W',
      '596',
      path('long'),
      '-',
    );
    const text = close(body);
    expect(years.filter((year) => !text.includes(close(year)))).toEqual([]);
  });

  it.each(Object.keys(LETTERS))(
    '%s letter: each page has its number, the name of the patient and of the letter',
    (name) => {
      const count = Number(/Pages:\s+(\d+)/.exec(run('pdfinfo', path(name)))?.[1]);
      expect(count).toBeGreaterThanOrEqual(name === 'long' ? 9 : 1);
      for (let page = 1; page <= count; page++) {
        const text = close(textOf(name, '-f', `${page}`, '-l', `${page}`));
        expect(text).toContain(`頁${page}/${count}`);
        expect(text).toContain('1400000000^2026^letter-0001');
        expect(text).toContain(name === 'hostile' ? '〓[1]田ジャン＝クリストフ' : '髙橋德子様');
        if (name === 'long' && page > 1 && page < count) expect(text).toContain('症状経過・現病歴（続き）');
      }
    },
  );

  it('has the whole of a paragraph of many pages', async () => {
    const sentence = '経過は良好であった𠀋。';
    const document = bytes(letter([...MANDATORY, section('370', sentence.repeat(1000))]));
    writeFileSync(path('paragraph'), await renderLetter({ document, issuedAt: ISSUED_AT }));
    const text = close(textOf('paragraph', '-raw', '-y', '62', '-H', '728', '-x', '0', '-W', '596'));
    expect(text.split(sentence)).toHaveLength(1001);
  });

  it('shows hostile texts as texts', () => {
    const text = close(textOf('hostile', '-raw'));
    for (const part of [
      '<imgsrc="file:///etc/passwd"/>{{text}}',
      '隠した文',
      'alert(1)未知a<b&c&d°&foo;',
      '[1]U+20BB7（「吉」の異体字）',
      '[3]U+1F469U+200DU+2695U+FE0F',
      'U+200B、U+202E',
      'カ'.repeat(25),
    ]) {
      expect(text).toContain(part);
    }
    expect(text.match(/W/g)!.length).toBe(200);
    expect(text.match(/カ/g)!.length).toBeGreaterThanOrEqual(200);
  });

  it.each(Object.keys(LETTERS))('%s letter: sound to qpdf, fonts embedded, the document attached unchanged', (name) => {
    expect(run('qpdf', '--check', path(name))).toContain('No syntax or stream encoding errors');
    const fonts = run('pdffonts', path(name)).trim().split('\n').slice(2);
    expect(fonts.length).toBe(2);
    for (const font of fonts) expect(font).toMatch(/BIZUDPGothic-\w+\s+CID TrueType\s+Identity-H\s+yes yes yes/);
    const out = join(folder, `${name}.json`);
    run('pdfdetach', '-save', '1', '-o', out, path(name));
    expect(Buffer.compare(readFileSync(out), Buffer.from(bytes(LETTERS[name]!())))).toBe(0);
  });
});
