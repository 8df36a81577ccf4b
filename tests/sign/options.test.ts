import { languageOf, parseOptions } from '../../src/sign/options.ts';
import { UsageError } from '../../src/sign/usage.ts';

const base = ['--server', 'https://h/fhir', '--access-token', 'token'];
const signing = [...base, '--pkcs12', 'key.p12', '--tsa', 'https://tsa'];
const refused = (args: readonly string[]): UsageError => {
  try {
    parseOptions(args);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('it was not refused');
};

describe('the options of tasuki-sign', () => {
  it('are all read', () => {
    const args = `Task/1 --server S --client C --card L --token T --certificate ${'AB:'.repeat(31)}AB --secret P --tsa U
      --tsa-user N --tsa-secret Q --crl a --crl b --reason R --location O --save F --sha256 ${'0'.repeat(64)} --lang en`;
    expect(parseOptions(args.split(/\s+/))).toEqual({
      letters: ['Task/1'],
      server: 'S',
      access: { client: 'C' },
      task: {
        key: { kind: 'card', library: 'L', token: 'T' },
        certificate: 'ab'.repeat(32),
        secret: 'P',
        authority: { url: 'U', user: 'N', secret: 'Q' },
        crls: ['a', 'b'],
        reason: 'R',
        location: 'O',
        save: 'F',
        sha256: '0'.repeat(64),
      },
    });
  });

  it('may be few', () => {
    expect(parseOptions([...signing, 'Task/1', 'Bundle/2'])).toEqual({
      letters: ['Task/1', 'Bundle/2'],
      server: 'https://h/fhir',
      access: { accessToken: 'token' },
      task: { key: { kind: 'pkcs12', file: 'key.p12' }, authority: { url: 'https://tsa' }, crls: [] },
    });
  });

  it('need no key to get a letter', () => {
    expect(parseOptions([...base, '--get', 'out.pdf', 'Task/1'])).toMatchObject({ task: { get: 'out.pdf' } });
  });

  it('may ask for help beside anything', () => {
    expect(parseOptions(['--help'])).toBe('help');
    expect(parseOptions(['--help', 'Task/1', '--lang', 'fr'])).toBe('help');
  });

  it.each<[string[], RegExp]>([
    [[], /letter/],
    [base, /letter/],
    [['Task/1'], /--server/],
    [['Task/1', '--server', 'S'], /--client and --access-token/],
    [['Task/1', ...base, '--client', 'C'], /--client and --access-token/],
    [['Task/1', ...base], /--card and --pkcs12/],
    [['Task/1', ...signing, '--card', 'L'], /--card and --pkcs12/],
    [['Task/1', ...base, '--pkcs12', 'k'], /--tsa/],
    [['Task/1', ...signing, '--certificate', 'abc'], /--certificate/],
    [['Task/1', ...signing, '--sha256', 'xyz'], /--sha256/],
    [['Task/1', 'Task/2', ...signing, '--sha256', '0'.repeat(64)], /--sha256/],
    [['Task/1', ...signing, '--lang', 'fr'], /--lang/],
    [['Task/1', ...signing, '--pin', '1234'], /--pin/],
    [['Task/1', ...signing, '--save'], /--save/],
    [['Task/1', ...signing, '--help=yes'], /--help/],
  ])('%j are not enough, or too much', (args, message) => {
    const { words } = refused(args);
    expect(words.en).toMatch(message);
    expect(words.ja).toMatch(/[ぁ-ん]/);
  });
});

describe('the language', () => {
  it.each([
    [[], 'ja'],
    [['--lang', 'en'], 'en'],
    [['--lang=en', '--bogus'], 'en'],
    [['--lang', 'fr'], 'ja'],
    [['--lang'], 'ja'],
  ] as const)('of %j is %s', (args, language) => {
    expect(languageOf(args)).toBe(language);
  });
});
