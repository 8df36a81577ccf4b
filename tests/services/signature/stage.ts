import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../src/config.ts';
import { type Instead, type Server, startServer } from '../../../src/server.ts';
import {
  CHECKS,
  type Check,
  resultOf,
  type Verdict,
  type VerificationInput,
} from '../../../src/services/signature/verdict.ts';
import { type Clone, cloneDatabase } from '../../support/database.ts';
import { type Body, type Member, type Network, openNetwork, type Reply } from '../../support/network.ts';
import type { RunningServer } from '../../support/server.ts';

/** What a signed file of these tests says of itself, after the issued bytes. */
export interface Said {
  /** Checks that did not pass, as `name CODE status`; CODE in upper case. */
  readonly checks?: readonly string[];
  /** Of the certificate; two letters name it. */
  readonly certificate?: string;
  readonly name?: string;
  readonly recheckAfter?: number;
  readonly renewBefore?: number;
  /** So that two files differ. */
  readonly salt?: string;
}

export const certificateOf = (two: string): string => two.repeat(32);

/** A signed letter: the issued bytes and what the stand-in for the verifier is to say of it. */
export const signed = (issued: Uint8Array, said: Said = {}): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.concat([issued, Buffer.from(`\n%SIGNED ${JSON.stringify(said)}`)]));

const SIGNED_AT = Date.parse('2026-06-01T03:04:05Z');

/** Stands in for the verifier: believes what the file says, but for the bytes that were issued. */
export function believe({ submitted, issued }: VerificationInput): Verdict {
  const text = Buffer.from(submitted).toString();
  const at = text.indexOf('\n%SIGNED ');
  const said = at < 0 ? {} : (JSON.parse(text.slice(at + 9).split('\n')[0] as string) as Said);
  const same = issued && Buffer.from(submitted.subarray(0, issued.length)).equals(Buffer.from(issued));
  const found = new Map((said.checks ?? []).map((one) => [one.split(' ')[0], one.split(' ')] as const));
  const checks = CHECKS.map((name): Check => {
    if (name === 'binding') return { name, code: 'DECIDED_ELSEWHERE', status: 'skipped', detail: '' };
    if (name === 'issued-bytes' && !same) return { name, code: 'WRONG_DOCUMENT', status: 'failed', detail: '' };
    const [, code = 'OK', status = 'passed'] = found.get(name) ?? [];
    return { name, code, status: status as Check['status'], detail: 'as the file says', evidence: { b: '2', a: '1' } };
  });
  const certificate = certificateOf(said.certificate ?? 'aa');
  return {
    result: resultOf(checks),
    checks,
    signedAt: SIGNED_AT,
    signer: {
      certificate,
      subject: 'CN=Sakurai Haruka',
      issuer: 'CN=HPKI test',
      serial: '01',
      name: said.name ?? '桜井 春香',
      roles: ['Medical Doctor'],
      notBefore: 0,
      notAfter: 1,
    },
    evidence: {
      certificates: [Buffer.from(`cert ${certificate}`)],
      crls: [Buffer.from('crl')],
      timestamp: Buffer.from('tst'),
    },
    ...(said.recheckAfter !== undefined && { recheckAfter: said.recheckAfter }),
    ...(said.renewBefore !== undefined && { renewBefore: said.renewBefore }),
  };
}

/** A server in this process, whose clock and signing parts the test holds. */
export class Stage {
  readonly clone: Clone;
  readonly server: Server;
  readonly network: Network;
  readonly running: RunningServer;
  readonly #directory: string;
  readonly #logs: string[];
  hospital!: Member;
  clinic!: Member;
  /** In the network of the hospital too. */
  clinic2!: Member;
  hospital2!: Member;

  private constructor(
    clone: Clone,
    server: Server,
    network: Network,
    running: RunningServer,
    directory: string,
    logs: string[],
  ) {
    this.clone = clone;
    this.server = server;
    this.network = network;
    this.running = running;
    this.#directory = directory;
    this.#logs = logs;
  }

  static async open(instead: Instead = {}, env: Readonly<Record<string, string>> = {}): Promise<Stage> {
    const clone = await cloneDatabase();
    const directory = mkdtempSync(join(tmpdir(), `tasuki-test-${process.pid}-stage-`));
    const config = loadConfig({ HOST: '127.0.0.1', PORT: '0', DATA_DIR: directory, DATABASE_URL: clone.url, ...env });
    const logs: string[] = [];
    const server = await startServer(
      config,
      (level, event, fields) => void logs.push(JSON.stringify({ level, event, ...fields })),
      { jobsWait: true, ...instead },
    );
    const { port, baseUrl } = server.config;
    const running = { port, baseUrl, dataDir: directory, database: clone } as unknown as RunningServer;
    const stage = new Stage(clone, server, await openNetwork(running), running, directory, logs);
    const { network } = stage;
    stage.hospital = await network.enrol('cooperating-hospital', 'みなと総合病院');
    stage.hospital2 = await network.enrol('cooperating-hospital', 'あおば病院');
    stage.clinic = await network.enrol('medical', 'さくら診療所');
    stage.clinic2 = await network.enrol('medical', 'もみじ医院');
    await network.affiliate(stage.hospital, stage.clinic);
    await network.affiliate(stage.hospital, stage.clinic2);
    return stage;
  }

  logs = (): readonly string[] => this.#logs;

  async close(): Promise<void> {
    await this.server.close();
    await this.clone.drop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** GET or POST that answers bytes. */
  async bytes(member: Member, method: string, path: string, accept = 'application/pdf') {
    const response = await fetch(`http://127.0.0.1:${this.running.port}/fhir/${path}`, {
      method,
      headers: { authorization: `Bearer ${await member.token()}`, accept },
    });
    return { status: response.status, headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) };
  }
}

/** A 診療情報提供書 with nothing in it but what makes it one. */
export const letterBundle = (text = '精査をお願いいたします。', more: object = {}) => ({
  resourceType: 'Bundle',
  type: 'document',
  identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${randomUUID()}` },
  timestamp: '2026-06-01T00:00:00Z',
  entry: [
    {
      fullUrl: `urn:uuid:${randomUUID()}`,
      resource: {
        resourceType: 'Composition',
        status: 'final',
        type: { coding: [{ system: 'http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes', code: '57133-1' }] },
        date: '2026-06-01',
        author: [{ display: '桜井 春香' }],
        title: '診療情報提供書',
        section: [
          {
            title: text,
            text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${text}</div>` },
          },
        ],
      },
    },
  ],
  ...more,
});

export interface Order {
  readonly patient: string;
  readonly letter: string;
  readonly order: string;
}

export const ref = (reference: string) => ({ reference });

/** A patient of the clinic's, a letter, and an order to the hospital that names it. */
export async function placeOrder(from: Member, to: Member, more: object = {}): Promise<Order> {
  const patient = `Patient/${(await from.create({ resourceType: 'Patient', name: [{ text: '港 太郎' }] })).id}`;
  const letter = `Bundle/${(await from.create(letterBundle())).id}`;
  const { id } = await from.create({
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    subject: ref(patient),
    requester: ref(from.organization),
    performer: [ref(to.organization)],
    supportingInfo: [ref(letter)],
    ...more,
  });
  return { patient, letter, order: `ServiceRequest/${id}` };
}

/** The value of a parameter of an answer. */
// biome-ignore lint/suspicious/noExplicitAny: tests say by their expectations what a body is
export function value({ body }: Reply, name: string): any {
  const found = body?.parameter?.find((one: { name: string }) => one.name === name);
  return Object.entries(found ?? {}).find(([key]) => key.startsWith('value'))?.[1];
}

interface Part {
  readonly name: string;
  readonly valueCode?: string;
  readonly part?: readonly Part[];
}

/** What the check of that name said, `CODE status`. */
export function checked({ body }: Reply, name: string): string | undefined {
  const checks = ((body?.parameter ?? []) as Part[]).filter((one) => one.name === 'check');
  const said = checks.map(
    ({ part = [] }) =>
      (of: string) =>
        part.find((one) => one.name === of)?.valueCode,
  );
  const found = said.find((of) => of('name') === name);
  return found && `${found('code')} ${found('status')}`;
}

export const PDF = { 'content-type': 'application/pdf' };
export const submitted = (member: Member, to: string, bytes: Body, headers = {}) =>
  member.post(`${to}/$submit-signed`, bytes, { ...PDF, ...headers });

export const businessStatus = async (member: Member, task: string): Promise<string> => {
  const { status, body } = await member.get(task);
  return status === 200 ? `${body.businessStatus.coding[0].code} ${body.status}` : String(status);
};
