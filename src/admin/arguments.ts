import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type Command, flagOf, operands, type ParameterSpec } from './command.ts';
import { UsageError } from './refusal.ts';

/** What stands before the command: whom to speak to, as whom, and how. */
export interface Common {
  readonly server?: string;
  readonly client?: string;
  readonly key?: string;
  readonly language?: 'ja' | 'en';
}

/** What stands with every command. */
export interface Manner {
  readonly json: boolean;
  readonly yes: boolean;
  readonly format?: string;
  readonly output?: string;
}

export interface Typed {
  readonly common: Common;
  /** The command's name and what follows it. */
  readonly rest: readonly string[];
}

const TEXT = { type: 'string' } as const;

/** Divides the options before the command from the rest. @throws UsageError */
export function readCommon(args: readonly string[]): Typed {
  const known = ['--server', '--client', '--key', '--lang'];
  const common: Record<string, string> = {};
  let i = 0;
  for (; args[i]?.startsWith('--') && args[i] !== '--help'; i++) {
    const [name = '', inline] = (args[i] as string).split(/=(.*)/s);
    if (!known.includes(name))
      throw new UsageError({
        ja: `コマンドの前に置けるのは ${known.join(' ')} です: ${name}`,
        en: `Before the command there may be ${known.join(' ')}, not ${name}`,
      });
    const value = inline ?? args[++i];
    if (value === undefined || value === '')
      throw new UsageError({ ja: `${name} に値がありません`, en: `${name} needs a value` });
    common[name.slice(2)] = value;
  }
  const { server, client, key, lang } = common;
  if (lang !== undefined && lang !== 'ja' && lang !== 'en')
    throw new UsageError({ ja: '--lang は ja または en です', en: '--lang is ja or en' });
  return {
    common: {
      ...(server && { server }),
      ...(client && { client }),
      ...(key && { key }),
      ...(lang && { language: lang as 'ja' | 'en' }),
    },
    rest: args.slice(i),
  };
}

export interface Arguments {
  /** Operands by their names in the path. */
  readonly ids: ReadonlyMap<string, string>;
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly manner: Manner;
}

const MANNER = { json: { type: 'boolean' }, yes: { type: 'boolean' }, format: TEXT, output: TEXT } as const;

/** Reads what follows a command, and holds it against what the command takes. @throws UsageError */
export function readArguments(command: Command, args: readonly string[]): Arguments {
  const parameters = command.parameters ?? [];
  const flags = new Map(parameters.map((one) => [flagOf(one.name).slice(2), one]));
  const options = Object.fromEntries(
    [...flags.keys()].map((flag) => [flag, { type: 'string', multiple: true } as const]),
  );
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({ args: withTrue(args, flags), options: { ...MANNER, ...options }, allowPositionals: true });
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError({ ja: message, en: message });
  }
  const { json, yes, format, output } = parsed.values as {
    json?: boolean;
    yes?: boolean;
    format?: string;
    output?: string;
  };
  const values = new Map<string, readonly string[]>();
  for (const [flag, spec] of flags) {
    const given = (parsed.values[flag] as string[] | undefined) ?? [];
    checkValues(spec, given);
    if (given.length > 0) values.set(spec.name, given);
  }
  if (format !== undefined && format !== 'json' && !(format in (command.formats ?? {})))
    throw new UsageError({
      ja: `--format は ${['json', ...Object.keys(command.formats ?? {})].join(', ')} です`,
      en: `--format is one of ${['json', ...Object.keys(command.formats ?? {})].join(', ')}`,
    });
  return {
    ids: readOperands(command, parsed.positionals),
    values,
    manner: {
      json: json ?? false,
      yes: yes ?? false,
      ...(format !== undefined && { format }),
      ...(output !== undefined && { output }),
    },
  };
}

/** `--everyone` alone says `--everyone true`. */
const withTrue = (args: readonly string[], flags: ReadonlyMap<string, ParameterSpec>): string[] =>
  args.map((arg, index) => {
    const alone = arg.startsWith('--') && flags.get(arg.slice(2))?.type === 'boolean';
    return alone && !BOOLEAN.test(args[index + 1] ?? '') ? `${arg}=true` : arg;
  });

const BOOLEAN = /^(?:true|false)$/;

function checkValues(spec: ParameterSpec, given: readonly string[]): void {
  const flag = flagOf(spec.name);
  if (spec.required && given.length === 0)
    throw new UsageError({ ja: `${flag}（${spec.says.ja}）が必要です`, en: `${flag} is needed: ${spec.says.en}` });
  if (!spec.many && given.length > 1)
    throw new UsageError({ ja: `${flag} は一度だけ指定します`, en: `${flag} is given once` });
  const wrong = spec.codes && given.find((value) => !spec.codes?.includes(value));
  if (wrong !== undefined)
    throw new UsageError({
      ja: `${flag} は ${spec.codes?.join(', ')} のいずれかです`,
      en: `${flag} is one of ${spec.codes?.join(', ')}`,
    });
}

function readOperands(command: Command, positionals: readonly string[]): ReadonlyMap<string, string> {
  const wanted = operands(command);
  if (positionals.length !== wanted.length)
    throw new UsageError({
      ja: `${command.name} の後に ${wanted.map(({ type }) => `${type} の ID`).join('、') || '何も置かないで'} を指定してください`,
      en: `${command.name} takes ${wanted.map(({ type }) => `the id of a ${type}`).join(', ') || 'nothing but options'}`,
    });
  return new Map(
    wanted.map(({ name, type }, i) => {
      const given = positionals[i] as string;
      const id = given.startsWith(`${type}/`) ? given.slice(type.length + 1) : given;
      if (!/^[A-Za-z0-9.-]{1,64}$/.test(id) || /^\.+$/.test(id))
        throw new UsageError({
          ja: `${given} は ${type} の ID ではありません`,
          en: `${given} is not the id of a ${type}`,
        });
      return [name, id];
    }),
  );
}

const REFERENCE = /^[A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/;

/** A value as a parameter of FHIR: `{ name, value… }`. Files are read here. @throws UsageError */
export async function parameterOf(spec: ParameterSpec, value: string): Promise<object> {
  const { name } = spec;
  const wrong = (what: { ja: string; en: string }) =>
    new UsageError({ ja: `${flagOf(name)}: ${what.ja}`, en: `${flagOf(name)}: ${what.en}` });
  switch (spec.type) {
    case 'string':
      return { name, valueString: value };
    case 'code':
      return { name, valueCode: value };
    case 'date':
      if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) throw wrong({ ja: '日付（2026-04-01）', en: 'a day such as 2026-04-01' });
      return { name, valueDate: value };
    case 'time': {
      const [start, end] = value.split('/');
      return end === undefined ? { name, valueDateTime: value } : { name, valuePeriod: { start, end } };
    }
    case 'boolean':
      if (value !== 'true' && value !== 'false') throw wrong({ ja: 'true または false', en: 'true or false' });
      return { name, valueBoolean: value === 'true' };
    case 'integer':
      if (!/^\d{1,9}$/.test(value)) throw wrong({ ja: '整数', en: 'a whole number' });
      return { name, valueInteger: Number(value) };
    case 'reference': {
      const reference = value.includes('/') || !spec.of ? value : `${spec.of}/${value}`;
      if (!REFERENCE.test(reference))
        throw wrong({ ja: `${spec.of ?? '型'}/ID`, en: `a reference, ${spec.of ?? 'Type'}/id` });
      return { name, valueReference: { reference } };
    }
    case 'text-file':
      return { name, valueString: (await bytesOf(value)).toString('utf8') };
    case 'base64-file':
      return { name, valueBase64Binary: (await bytesOf(value)).toString('base64') };
    case 'resource-file':
      try {
        return { name, resource: JSON.parse((await bytesOf(value)).toString('utf8')) };
      } catch (error) {
        if (error instanceof UsageError) throw error;
        throw wrong({ ja: 'JSON のファイルではありません', en: 'the file is not JSON' });
      }
    case 'attachment-file': {
      const data = (await bytesOf(value)).toString('base64');
      return { name, valueAttachment: { contentType: contentTypeOf(value), title: value.split('/').at(-1), data } };
    }
    case 'rights': {
      const [reference = '', roles = ''] = value.split('=');
      const named = reference.includes('/') ? reference : `Practitioner/${reference}`;
      if (!REFERENCE.test(named) || roles === '')
        throw wrong({ ja: 'Practitioner/ID=役割,役割', en: 'Practitioner/ID=role,role' });
      return {
        name,
        part: [
          { name: 'practitioner', valueReference: { reference: named } },
          ...roles.split(',').map((valueCode) => ({ name: 'role', valueCode })),
        ],
      };
    }
    default:
      return spec.type satisfies never;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
};
const contentTypeOf = (path: string) => TYPES[path.toLowerCase().split('.').at(-1) ?? ''] ?? 'application/octet-stream';

async function bytesOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError({ ja: message, en: message });
  }
}
