import { open } from 'node:fs/promises';
import { type Arguments, parameterOf } from './arguments.ts';
import type { Command } from './command.ts';
import type { Answer, FhirEndpoint } from './fhir.ts';
import { plainly } from './print.ts';

/** Sends what a command means, and writes what comes back. */
export async function run(
  endpoint: FhirEndpoint,
  command: Command,
  { ids, values, manner }: Arguments,
  print: (text: string | Uint8Array) => void,
): Promise<void> {
  const path = command.path.replace(/\{(\w+)\}/g, (_, name: string) => ids.get(name) as string);
  const asked = await parametersOf(command, values);
  const accept = formatOf(command, manner);
  const body = command.method === 'GET' ? undefined : (command.body?.(values) ?? bodyOf(asked));
  const query = command.method === 'GET' ? queryOf(command, asked) : '';
  const file = manner.output === undefined ? undefined : await open(manner.output, 'w', 0o600);
  const write = async (bytes: string | Uint8Array) =>
    file ? void (await file.write(Buffer.from(bytes))) : print(bytes);
  try {
    for (let to: string | undefined = path + query; to !== undefined; ) {
      const answer: Answer = await endpoint.send(command.method, to, body, accept);
      await write(
        manner.json || isRaw(answer) ? answer.bytes : `${plainly(JSON.parse(answer.bytes.toString('utf8')))}\n`,
      );
      to = command.follows ? answer.next : undefined;
    }
    if (manner.json && !file) print('\n');
  } finally {
    await file?.close();
  }
}

const isRaw = ({ type, bytes }: Answer) => bytes.length === 0 || !/^application\/(fhir\+)?json/.test(type);

/** A command that knows no JSON gets its first format. */
function formatOf({ formats, follows }: Command, { format }: Arguments['manner']): string | undefined {
  if (format !== undefined && format !== 'json') return formats?.[format];
  return follows ? Object.values(formats ?? {})[0] : undefined;
}

interface Parameter {
  readonly name: string;
  readonly [value: string]: unknown;
}

async function parametersOf(command: Command, values: Arguments['values']): Promise<readonly Parameter[]> {
  const made: Parameter[] = [];
  for (const spec of command.parameters ?? [])
    for (const value of values.get(spec.name) ?? []) made.push((await parameterOf(spec, value)) as Parameter);
  return made;
}

const bodyOf = (parameter: readonly Parameter[]) => ({
  resourceType: 'Parameters',
  ...(parameter.length > 0 && { parameter }),
});

function queryOf({ query = {} }: Command, asked: readonly Parameter[]): string {
  const pairs = new URLSearchParams(query);
  for (const { name, ...rest } of asked) {
    const [value] = Object.values(rest);
    const { reference } = Object(value) as { reference?: string };
    pairs.append(name, reference ?? String(value));
  }
  return pairs.size === 0 ? '' : `?${pairs}`;
}
