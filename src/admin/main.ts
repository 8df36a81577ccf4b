import { createInterface } from 'node:readline/promises';
import type { Language } from '../sign/language.ts';
import { printable } from '../sign/words.ts';
import { readArguments, readCommon } from './arguments.ts';
import { CLIENT_ID, credentials, forget, keep, type Places, readKept } from './credentials.ts';
import { addressOf, FhirEndpoint } from './fhir.ts';
import { commandOf, helpOn, overview } from './help.ts';
import { logIn, revoke } from './oauth.ts';
import { adviceFor, Refused, UsageError } from './refusal.ts';
import { run } from './run.ts';

export interface AdminOptions extends Places {
  readonly language: Language;
}

/** `tasuki admin …`. Exit code 0: done; 1: the server refused; 2: it was not understood, or not confirmed. */
export async function admin(args: readonly string[], options: AdminOptions): Promise<number> {
  let { language } = options;
  try {
    const { common, rest } = readCommon(args);
    language = common.language ?? language;
    const [name = 'help', ...more] = rest;
    switch (name) {
      case 'help':
      case '--help':
        console.log(more[0] === undefined ? overview(language) : helpOn(more[0], language));
        return 0;
      case 'login':
        return await begin(common.server, options, language);
      case 'logout':
        return await end(options, language);
      default: {
        const command = commandOf(name);
        if (more.includes('--help')) {
          console.log(helpOn(name, language));
          return 0;
        }
        const given = readArguments(command, more);
        if (command.destructive && !given.manner.yes) await confirm([name, ...given.ids.values()].join(' '), language);
        const { server, token } = await credentials(common, options);
        await run(new FhirEndpoint(server, token, language), command, given, (text) => void process.stdout.write(text));
        return 0;
      }
    }
  } catch (error) {
    return explained(error, language);
  }
}

const SAID = {
  opening: { ja: 'ブラウザーで次のページを開いてログインしてください:', en: 'Open this page in a browser and log in:' },
  in: { ja: 'ログインしました', en: 'Logged in' },
  out: { ja: 'ログアウトしました', en: 'Logged out' },
  nobody: { ja: 'ログインしていません', en: 'Nobody is logged in' },
  sure: { ja: '実行しますか? yes と入力してください: ', en: 'Are you sure? Type yes: ' },
} as const;

async function begin(server: string | undefined, places: Places, language: Language): Promise<number> {
  if (server === undefined)
    throw new UsageError({ ja: 'tasuki admin --server URL login', en: 'tasuki admin --server URL login' });
  const address = addressOf(server);
  const kept = await logIn(address, CLIENT_ID, language, (url) => console.log(`${SAID.opening[language]}\n${url}`));
  await keep(places, kept);
  console.log(SAID.in[language]);
  return 0;
}

async function end(places: Places, language: Language): Promise<number> {
  const kept = await readKept(places);
  if (!kept) {
    console.log(SAID.nobody[language]);
    return 0;
  }
  try {
    await revoke(kept, CLIENT_ID);
  } finally {
    await forget(places);
  }
  console.log(SAID.out[language]);
  return 0;
}

/** @throws UsageError unless somebody at a terminal types yes */
async function confirm(what: string, language: Language): Promise<void> {
  const refused = new UsageError({
    ja: `${what}: 確認が必要です（--yes）`,
    en: `${what}: it has to be confirmed, by --yes`,
  });
  if (!process.stdin.isTTY) throw refused;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const said = await lines.question(`${what}: ${SAID.sure[language]}`).catch(() => '');
  lines.close();
  if (said.trim() !== 'yes') throw refused;
}

function explained(error: unknown, language: Language): number {
  if (error instanceof UsageError) {
    console.error(printable(error.words[language]));
    return 2;
  }
  if (error instanceof Refused) {
    const advice = adviceFor(error.status, language);
    console.error(printable(error.message) + (advice === undefined ? '' : `\n${advice}`));
    return 1;
  }
  console.error(printable(error instanceof Error ? error.message : String(error)));
  return 1;
}
