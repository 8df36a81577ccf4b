import { parseArgs } from 'node:util';
import type { ScenarioName } from './budgets.ts';
import { markdown, plain } from './report.ts';
import { bench } from './run.ts';
import { SCENARIOS } from './scenarios.ts';

const USAGE = `npm run bench -- [options]

  --scenario a,b      only these (${SCENARIOS.map(({ name }) => name).join(', ')})
  --patients N        patients in the database, with 38 resources each (300)
  --seconds S         of each scenario (5)
  --warm-up S         before them (2)
  --concurrency N     requests under way at once (16)
  --json, --markdown  print the result so
  --profile DIR       write the server's CPU profile there (node --cpu-prof)`;

function options() {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    options: {
      scenario: text,
      patients: { ...text, default: '300' },
      seconds: { ...text, default: '5' },
      'warm-up': { ...text, default: '2' },
      concurrency: { ...text, default: '16' },
      profile: text,
      json: flag,
      markdown: flag,
      help: flag,
    },
  });
  const number = (name: 'patients' | 'seconds' | 'warm-up' | 'concurrency') => {
    const value = Number(values[name]);
    if (
      !(value >= 0) ||
      (name === 'patients' || name === 'concurrency' ? !Number.isInteger(value) || value < 1 : false)
    )
      throw new TypeError(`--${name} must be a number above 0`);
    return value;
  };
  const names = values.scenario?.split(',') ?? SCENARIOS.map(({ name }) => name);
  const unknown = names.find((name) => !SCENARIOS.some((scenario) => scenario.name === name));
  if (unknown !== undefined) throw new TypeError(`there is no scenario ${unknown}`);
  return {
    help: values.help,
    print: values.json ? (result: object) => JSON.stringify(result, null, 2) : values.markdown ? markdown : plain,
    bench: {
      patients: number('patients'),
      seconds: number('seconds'),
      warmUp: number('warm-up'),
      concurrency: number('concurrency'),
      scenarios: names as ScenarioName[],
      restarts: 3,
      ...(values.profile !== undefined && { profile: values.profile }),
    },
  };
}

async function main(): Promise<number> {
  const asked = options();
  if (asked.help) {
    console.log(USAGE);
    return 0;
  }
  const result = await bench(asked.bench, (line) => console.error(line));
  console.log(asked.print(result as never));
  const failed = result.scenarios.filter(({ errors }) => errors > 0);
  for (const { scenario, errors, error } of failed) console.error(`${scenario}: ${errors} errors, such as ${error}`);
  return failed.length === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof TypeError ? `${error.message}\n\n${USAGE}` : error);
    process.exit(1);
  },
);
