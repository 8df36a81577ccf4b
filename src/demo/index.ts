import { Checklist } from './checklist.ts';
import { INSTITUTIONS } from './data/institutions.ts';
import { momentOf } from './data/moment.ts';
import { type ClientName, type DemoClient, demoFilePath, readDemoFile, writeDemoFile } from './demo-file.ts';
import { clientOf } from './enrol.ts';
import { fhirClient } from './fhir-client.ts';
import type { Stage } from './stage.ts';
import { playStory } from './story.ts';

export interface DemoOptions {
  /** Where the server answers, without `/fhir`: `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  readonly dataDir: string;
  /** The operator's client; `tokenUrl` is the one from the SMART configuration. */
  readonly operator: DemoClient & { readonly tokenUrl: string };
  readonly print: (line: string) => void;
  /** When the story is told; the data are dated relative to it. */
  readonly now?: Date;
}

/**
 * Tells the story of the demo network to the running server, checking each thing it must show, and writes DATA_DIR/demo.json. Told
 * again on the same data it goes on with the same institutions and new patients. Never rejects for a story that goes wrong: what
 * went wrong is printed, and `ok` is false.
 */
export async function demo(options: DemoOptions): Promise<{ ok: boolean }> {
  const { baseUrl, dataDir, operator, print, now = new Date() } = options;
  const { tokenUrl, ...operatorClient } = operator;
  const base = `${baseUrl}/fhir`;
  const stage: Stage = {
    moment: momentOf(now),
    checks: new Checklist(print),
    base,
    tokenUrl,
    dataDir,
    operator: { name: 'operator', title: '運営者', fhir: clientOf(base, tokenUrl, operatorClient) },
    nobody: fhirClient(base),
    clients: await knownClients(dataDir),
    props: {},
  };
  print(`Tasuki: the demo network and its story, played against ${base}`);
  print('●  sees the resource    –  for this institution it does not exist: 404, no entry, totals of zero');
  await playStory(stage);
  const written = await writeResult(options, stage, operatorClient);
  const { kept, broken } = stage.checks;
  print('');
  print(
    broken === 0
      ? `The story went as it must: ${kept} expectations kept.`
      : `✗ ${broken} of ${kept + broken} expectations broken.`,
  );
  if (written) print(`Clients and patients of the demo: ${demoFilePath(dataDir)}`);
  return { ok: broken === 0 && written };
}

async function knownClients(dataDir: string): Promise<Stage['clients']> {
  const file = await readDemoFile(dataDir);
  return new Map(INSTITUTIONS.flatMap((name) => (file?.clients[name] ? [[name, file.clients[name]] as const] : [])));
}

/** Writes demo.json where the story came so far that there is something to write. */
async function writeResult(
  { baseUrl, dataDir, operator }: DemoOptions,
  stage: Stage,
  client: DemoClient,
): Promise<boolean> {
  const { clients, props } = stage;
  if (!props.shared || !props.closed || INSTITUTIONS.some((name) => !clients.has(name))) return false;
  const entries = INSTITUTIONS.map((name) => [name, clients.get(name)!] as const);
  const { clientId, organization, privateKeyJwk, scope } = client;
  const idOf = (reference: string) => reference.slice('Patient/'.length);
  await writeDemoFile(dataDir, {
    baseUrl,
    tokenUrl: operator.tokenUrl,
    clients: { operator: { clientId, organization, privateKeyJwk, scope }, ...Object.fromEntries(entries) } as Record<
      ClientName,
      DemoClient
    >,
    patients: { shared: idOf(props.shared.patient), closed: idOf(props.closed.patient) },
  });
  return true;
}
