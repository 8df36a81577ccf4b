/** Writes the commands of `tasuki admin` into docs/admin.md and docs/admin.ja.md, from the one table that the program itself goes by. */
import { readFileSync, writeFileSync } from 'node:fs';
import { flagOf, type Language, operands } from '../src/admin/command.ts';
import { GROUPS } from '../src/admin/commands.ts';
import { described } from '../src/admin/help.ts';

const [BEGIN, END] = ['<!-- commands -->', '<!-- /commands -->'];

export function withCommands(document: string, language: Language): string {
  const lines = GROUPS.flatMap(({ title, commands }) => [
    `### ${title[language]}`,
    '',
    language === 'ja' ? '| コマンド | 説明 | オプション |' : '| command | what it does | options |',
    '|---|---|---|',
    ...commands.map((one) => {
      const name = [one.name, ...operands(one).map((operand) => operand.name.toUpperCase())].join(' ');
      const options = (one.parameters ?? []).map((spec) => `\`${flagOf(spec.name)}\` ${described(spec, language)}`);
      return `| \`${name}\` | ${one.says[language]} | ${options.join('<br>').replaceAll('|', '\\|')} |`;
    }),
    '',
  ]);
  const [before = ''] = document.split(BEGIN);
  const after = document.split(END)[1] ?? '';
  return `${before}${BEGIN}\n\n${lines.join('\n')}\n${END}${after}`;
}

if (import.meta.main)
  for (const [file, language] of [
    ['docs/admin.md', 'en'],
    ['docs/admin.ja.md', 'ja'],
  ] as const)
    writeFileSync(file, withCommands(readFileSync(file, 'utf8'), language));
