import { FINDING_STATUS } from '../../../src/pdf/findings.ts';
import { CODES } from '../../../src/services/signature/codes.ts';
import { CHECKS, type Check, type Verdict } from '../../../src/services/signature/verdict.ts';
import { CHECK_WORDS, CODE_WORDS, summaryOf, type Words, wordsOf } from '../../../src/services/signature/words.ts';

const words: readonly (readonly [string, Words])[] = [...Object.entries(CHECK_WORDS), ...Object.entries(CODE_WORDS)];
const check = (parts: Partial<Check>): Check => ({ name: 'path', code: 'OK', status: 'passed', detail: '', ...parts });
const verdict = (result: Verdict['result'], ...checks: Check[]): Verdict => ({
  result,
  checks,
  evidence: { certificates: [], crls: [] },
});

describe('the words of a verification', () => {
  it('are there for every check', () => {
    expect(Object.keys(CHECK_WORDS)).toEqual([...CHECKS]);
  });

  it('are there for every code that the verification and the reading of PDF files know', () => {
    const codes = [...CODES, ...Object.keys(FINDING_STATUS).filter((code) => code !== 'OK')];
    expect(codes.filter((code) => !Object.hasOwn(CODE_WORDS, code))).toEqual([]);
  });

  it.each(words)('are Japanese and English: %s', (_, { title, text }) => {
    expect(title.ja).toMatch(/[ぁ-んァ-ヶ一-龠]/);
    expect(text.ja).toMatch(/[ぁ-んァ-ヶ一-龠].*。$/s);
    expect(title.ja.length).toBeLessThanOrEqual(24);
    expect(title.en.length).toBeLessThanOrEqual(50);
    expect(text.en).toMatch(/^[A-Z][ -~’“”]*\.$/);
  });

  it('cannot be changed', () => {
    expect(Object.isFrozen(CODE_WORDS) && Object.isFrozen(CHECK_WORDS)).toBe(true);
    for (const [, one] of words) expect(Object.isFrozen(one) && Object.isFrozen(one.title)).toBe(true);
  });

  it('are the check’s own when it passed, and those of the code otherwise', () => {
    expect(wordsOf(check({}))).toBe(CHECK_WORDS.path);
    expect(wordsOf(check({ code: 'UNTRUSTED', status: 'failed' }))).toBe(CODE_WORDS.UNTRUSTED);
  });

  it.each(['NEVER_HEARD_OF', 'OK', 'toString', '__proto__'])(
    'never make good news of a code without words: %s',
    (code) => {
      const { title } = wordsOf(check({ code, status: 'failed' }));
      expect(title.ja).toBe('確認できない');
    },
  );

  it('sum a verdict up with what decided it', () => {
    const failed = check({ code: 'UNTRUSTED', status: 'failed' });
    const open = check({ name: 'revocation', code: 'CRL_MISSING', status: 'undecided' });
    const noted = check({ name: 'revocation', code: 'CERT_REVOKED_LATER', status: 'noted' });
    expect(summaryOf(verdict('INVALID', open, failed)).ja).toMatch(/^無効です。【認められていない認証局の証明書】/);
    expect(summaryOf(verdict('INDETERMINATE', check({}), open)).en).toMatch(/^Not yet decided\. No revocation list: /);
    expect(summaryOf(verdict('VALID', check({}))).en).toMatch(/^Valid: /);
    expect(summaryOf(verdict('VALID', noted)).ja).toContain('【署名後に失効】');
  });

  it('say of a letter that waits for its binding that it waits', () => {
    const waiting = check({ name: 'binding', code: 'DECIDED_ELSEWHERE', status: 'skipped' });
    expect(summaryOf(verdict('INDETERMINATE', waiting)).ja).toContain('照合');
  });
});
