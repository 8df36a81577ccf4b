import { randomUUID } from 'node:crypto';
import { Access } from '../../access/access.ts';
import { auditOfSearch } from '../../fhir/audit.ts';
import { commit, retryTaken } from '../../fhir/commit.ts';
import type { Answer, Engine, Operation, OperationRequest, Resource } from '../../fhir/engine.ts';
import { stillAsked } from '../../fhir/still-standing.ts';
import { refuse } from '../../http/errors.ts';
import type { Queryable } from '../../store/database.ts';
import { evidenceOf, keepEvidence } from '../../store/evidence.ts';
import {
  addLetterOrder,
  insertLetter,
  type LetterRow,
  lettersOfBundle,
  lockLetter,
  putLetterPart,
  updateLetter,
} from '../../store/letter.ts';
import { lock } from '../../store/read.ts';
import { lockNames } from '../../store/write.ts';
import { sha256 } from './evidence.ts';
import { LETTER_TYPES, letterNamed, type NamedLetter } from './letters.ts';
import type { SignatureParts } from './parts.ts';
import { putTask } from './task.ts';
import { PDF } from './terms.ts';

/** How often a letter may change while it is rendered, until the caller is told so. */
const MOST_TRIES = 3;

/**
 * `ServiceRequest/[id]/$render-letter`, `DocumentReference/[id]/$render`, `Bundle/[id]/$render`: issues the letter as PDF. One version of a letter is
 * issued once: who asks again, or at the same time, gets the same bytes, the same Binary and the same Task.
 */
export function renderOperations(parts: SignatureParts): Operation[] {
  const renders = new Renders(parts);
  const operation = (type: (typeof LETTER_TYPES)[number]): Operation => ({
    name: type === 'ServiceRequest' ? 'render-letter' : 'render',
    types: [type],
    level: 'instance',
    methods: ['POST'],
    kinds: [],
    roles: ['physician', 'nurse', 'pharmacist', 'coordinator', 'care-manager'],
    service: 'signature',
    permission: 'u',
    documentation:
      'Issues the 診療情報提供書 as PDF, to be signed as it is; the same bytes until the letter changes. For the institution that wrote it. Out: task, document (Binary), sha256, issued; with Accept: application/pdf the bytes.',
    gives: [PDF],
    run: (request) => render(renders, request),
  });
  return LETTER_TYPES.map(operation);
}

async function render(renders: Renders, request: OperationRequest): Promise<Answer> {
  const { engine, access, wants, id, type } = request;
  const row = await issue(renders, request);
  const system = Access.system('a letter was issued', access.caller);
  const digest = (row.issued as Buffer).toString('hex');
  const { task, issued } = row.parts;
  const patient = row.patient === null ? null : engine.keys.rid('Patient', row.patient.slice('Patient/'.length));
  const detail = `${id}/$${type === 'ServiceRequest' ? 'render-letter' : 'render'}`;
  await engine.audits.add(
    auditOfSearch(access, engine.now(), 'operation', type as string, detail, [{ patient, patients: null }]),
  );
  if (wants === PDF) {
    const bytes = (await evidenceOf(system, engine.database, [digest])).get(digest);
    if (!bytes) throw refuse.internal(new Error(`the issued bytes ${digest} are gone`));
    const headers = {
      'Content-Type': PDF,
      'Content-Disposition': 'inline',
      'Content-Security-Policy': "default-src 'none'; sandbox",
      'Content-Location': `${engine.baseUrl}/fhir/Binary/${issued}`,
      'X-Content-SHA256': digest,
      Link: `<${engine.baseUrl}/fhir/Task/${task}>; rel="related"`,
    };
    return { status: 200, body: bytes, headers };
  }
  const parameter = [
    { name: 'task', valueReference: { reference: `Task/${task}` } },
    { name: 'document', valueReference: { reference: `Binary/${issued}` } },
    { name: 'sha256', valueString: digest },
    { name: 'issued', valueInstant: new Date(row.issuedAt as number).toISOString() },
  ];
  return { status: 200, body: { resourceType: 'Parameters', parameter } };
}

/** The letter as it was issued, by this call or by one before. */
async function issue(renders: Renders, request: OperationRequest): Promise<LetterRow> {
  const { engine, access } = request;
  const system = Access.system('a letter was issued', access.caller);
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const named = await letterNamed(request);
    const known = (await lettersOfBundle(system, engine.database, named.bundle)).find(
      ({ version, issued }) => version === named.version && issued !== null,
    );
    if (known && (!named.order || known.orders.includes(named.order.id))) return known;
    const rendered = known ? undefined : await renders.of(named, engine.now());
    const row = await retryTaken(() =>
      engine.database.transaction((transaction) => store(engine, system, transaction, named, rendered)),
    );
    if (row) return row;
  }
  throw refuse.conflict('The letter is being changed; issue it when it is done', 'Bundle');
}

interface Rendered {
  readonly bytes: Uint8Array;
  readonly issuedAt: number;
}

/** In one transaction: bytes, Binary, Task. Undefined where the letter has changed meanwhile. */
async function store(
  engine: Engine,
  system: Access,
  transaction: Queryable,
  { bundle, bundleId, version, organization, order, patient }: NamedLetter,
  rendered: Rendered | undefined,
): Promise<LetterRow | undefined> {
  await lockNames(system, transaction, [bundle]);
  const locked = (await lock(system, transaction, [bundle, ...(order ? [order.rid] : [])])).get(bundle);
  if (!locked || locked.deleted || locked.version !== version) return undefined;
  await stillAsked(system, transaction);
  let row = (await lettersOfBundle(system, transaction, bundle)).find((one) => one.version === version);
  const id = row?.id ?? randomUUID();
  if (!row) {
    const letter = { id, bundle, bundleId, version, organization, patient: patient ?? null, createdAt: engine.now() };
    await insertLetter(system, transaction, letter);
  }
  row = (await lockLetter(system, transaction, id)) as LetterRow;
  if (!row.issued && !rendered) return undefined;
  if (!row.issued && rendered) await storeIssued(engine, system, transaction, row, rendered);
  if (row.patient === null && patient !== undefined) await updateLetter(system, transaction, id, { patient });
  const joined = order ? await addLetterOrder(system, transaction, id, order) : false;
  if (!row.issued || joined) await putTask(engine, system, transaction, id);
  return lockLetter(system, transaction, id);
}

async function storeIssued(
  engine: Engine,
  system: Access,
  transaction: Queryable,
  row: LetterRow,
  { bytes, issuedAt }: Rendered,
): Promise<void> {
  const digest = sha256(bytes);
  await keepEvidence(system, transaction, new Map([[digest, bytes]]));
  const resource = {
    resourceType: 'Binary',
    contentType: PDF,
    data: Buffer.from(bytes).toString('base64'),
  } as Resource;
  const [binary] = await commit(
    engine,
    system,
    [{ interaction: 'create', type: 'Binary', resource, owner: row.organization }],
    { within: transaction },
  );
  const id = binary?.id as string;
  await putLetterPart(system, transaction, row.id, 'issued', { rid: engine.keys.rid('Binary', id), id });
  const issued = Buffer.from(digest, 'hex');
  await updateLetter(system, transaction, row.id, { state: 'issued', issued, issuedAt });
}

/** Who asks for a letter that is being rendered waits for it, instead of having it rendered once more. */
class Renders {
  readonly #parts: SignatureParts;
  readonly #running = new Map<string, Promise<Rendered>>();

  constructor(parts: SignatureParts) {
    this.#parts = parts;
  }

  of({ bundle, version, content }: NamedLetter, issuedAt: number): Promise<Rendered> {
    const key = `${bundle}/${version}`;
    const running = this.#running.get(key);
    if (running) return running;
    const started = this.#parts
      .render({ document: content, issuedAt })
      .then((bytes) => ({ bytes, issuedAt }))
      .finally(() => this.#running.delete(key));
    this.#running.set(key, started);
    return started;
  }
}
