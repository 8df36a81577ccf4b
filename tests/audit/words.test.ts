import { readFileSync } from 'node:fs';
import { kindOf } from '../../src/audit/kinds.ts';
import { isAuditWord, WORDS } from '../../src/audit/words.ts';
import { AUDIT_WORDS } from '../../src/store/audit-words.ts';

const codes = JSON.parse(readFileSync('terminology/CodeSystem-audit-event.json', 'utf8')) as {
  count: number;
  concept: { code: string; display: string; designation: { language: string; value: string }[] }[];
};

const isOurs = (system: string) => system.startsWith('https://tasuki.example/');
const ours = AUDIT_WORDS.filter((word) => isOurs(kindOf(word).subtype.at(-1)?.system ?? ''));

it.each(AUDIT_WORDS)('%s is said in Japanese and in English', (word) => {
  const [japanese, english] = WORDS[word];
  expect(japanese).toMatch(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u);
  expect(english).toMatch(/^[A-Z][\x20-\x7e]+$/);
});

it('has every word once', () => {
  expect(new Set(AUDIT_WORDS).size).toBe(AUDIT_WORDS.length);
  expect(Object.keys(WORDS).sort()).toEqual([...AUDIT_WORDS].sort());
  expect(isAuditWord('constructor')).toBe(false);
});

it('tells those that are ours as codes of the CodeSystem, with its words', () => {
  expect(ours.length).toBeGreaterThan(40);
  expect(codes.count).toBe(ours.length);
  expect(codes.concept.map(({ code, display, designation }) => [code, display, designation])).toEqual(
    ours.map((word) => [word, WORDS[word][1], [{ language: 'ja', value: WORDS[word][0] }]]),
  );
  for (const word of ours) expect(kindOf(word).subtype.at(-1)?.display).toBe(WORDS[word][1]);
});

it.each([
  ['update-client', '110129'],
  ['issue-software', '110129'],
  ['return-software', '110129'],
  ['retire-terminal', '110129'],
  ['require-terminals', '110129'],
  ['revoke-terminal', '110129'],
  ['disable-client', '110129'],
  ['register-client', '110129'],
  ['disable', '110137'],
  ['set-roles', '110136'],
] as const)('%s is told as what DICOM calls a change of the configuration, of users or of roles', (word, code) => {
  expect(kindOf(word)).toMatchObject({ type: { code: '110113' }, action: 'U', subtype: [{ code }, { code: word }] });
});

it('tells a list of users as an export', () => {
  expect(kindOf('user-export').type.code).toBe('110106');
  expect(kindOf('user-export-refused').type.code).toBe('110106');
});
