import type { Language } from '../sign/language.ts';
import { type Command, flagOf, operands, type ParameterSpec } from './command.ts';
import { COMMANDS, GROUPS } from './commands.ts';
import { aligned } from './print.ts';
import { UsageError } from './refusal.ts';

const WORDS = {
  ja: {
    usage: '使い方: tasuki admin [--server URL] [--client ID --key FILE] [--lang ja|en] コマンド …',
    login: 'ログインする（ブラウザーで）。トークンは自分だけが読めるファイルに保管',
    logout: 'ログアウトする（トークンを失効させる）',
    help: 'コマンドの一覧、またはコマンドの説明',
    session: 'ログイン',
    key: '--client と --key を付けると、システムの鍵（JWK、またはデモの demo.json）で行います。付けなければログインした人として行います。',
    more: '詳しくは: tasuki admin help コマンド',
    json: 'サーバーの答えを JSON のまま',
    yes: '確認を求めない',
    format: 'この形式で受け取る',
    output: 'ファイルに書く',
    required: '必須',
    many: '複数可',
    once: '表示されるのは一度だけです。',
    destructive: '確認を求めます（端末がなければ --yes が必要）。',
  },
  en: {
    usage: 'Usage: tasuki admin [--server URL] [--client ID --key FILE] [--lang ja|en] COMMAND …',
    login: 'log in, in a browser; the token is kept in a file that only you can read',
    logout: 'log out: the token is revoked',
    help: 'all commands, or what one of them takes',
    session: 'Login',
    key: 'With --client and --key a system acts, by its key (a JWK, or demo.json of the demo); without them the person who has logged in.',
    more: 'More: tasuki admin help COMMAND',
    json: 'what the server answered, as JSON',
    yes: 'do not ask',
    format: 'get it in this format',
    output: 'write it to a file',
    required: 'needed',
    many: 'more than once',
    once: 'It is shown once.',
    destructive: 'Asks before it does so; without a terminal it needs --yes.',
  },
} as const;

/** All commands. */
export function overview(language: Language): string {
  const words = WORDS[language];
  const lines = [words.usage, '', words.session];
  lines.push(
    indented([
      ['login', words.login],
      ['logout', words.logout],
      ['help [COMMAND]', words.help],
    ]),
  );
  for (const { title, commands } of GROUPS) {
    lines.push('', title[language]);
    lines.push(indented(commands.map((one) => [synopsis(one), one.says[language]])));
  }
  lines.push('', words.key, words.more, '');
  return lines.join('\n');
}

/** What one command takes. @throws UsageError */
export function helpOn(name: string, language: Language): string {
  const command = commandOf(name);
  const words = WORDS[language];
  const manner: [string, string][] = [
    ['--json', words.json],
    ...(command.destructive ? [['--yes', words.yes] as [string, string]] : []),
    ...(command.formats
      ? ([
          ['--format', `${words.format}: ${Object.keys(command.formats).join(', ')}`],
          ['--output FILE', words.output],
        ] as [string, string][])
      : []),
  ];
  return [
    `tasuki admin ${synopsis(command)}`,
    '',
    command.says[language],
    ...(command.secret ? [words.once] : []),
    ...(command.destructive ? [words.destructive] : []),
    '',
    indented([
      ...(command.parameters ?? []).map((spec): [string, string] => [flagWith(spec), described(spec, language)]),
      ...manner,
    ]),
    '',
    `${command.method} /fhir/${command.path}`,
    '',
  ].join('\n');
}

export function commandOf(name: string): Command {
  const found = COMMANDS.find((one) => one.name === name);
  if (found) return found;
  throw new UsageError({
    ja: `${name} というコマンドはありません。tasuki admin help で一覧を表示します`,
    en: `There is no command ${name}; tasuki admin help lists them`,
  });
}

const synopsis = (command: Command) =>
  [command.name, ...operands(command).map(({ name }) => name.toUpperCase())].join(' ');

const flagWith = (spec: ParameterSpec) =>
  `${flagOf(spec.name)} ${spec.type.endsWith('-file') ? 'FILE' : spec.type.toUpperCase()}`;

export function described(spec: ParameterSpec, language: Language): string {
  const words = WORDS[language];
  const notes = [
    ...(spec.required ? [words.required] : []),
    ...(spec.many ? [words.many] : []),
    ...(spec.codes ? [spec.codes.join(', ')] : []),
  ];
  return spec.says[language] + (notes.length > 0 ? ` [${notes.join('; ')}]` : '');
}

const indented = (rows: readonly (readonly [string, string])[]) =>
  aligned(rows)
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
