import { Access } from '../../access/access.ts';
import { auditOfAct } from '../../fhir/audit.ts';
import type { Answer, Operation, OperationRequest } from '../../fhir/engine.ts';
import { stillAsked } from '../../fhir/still-standing.ts';
import { refuse } from '../../http/errors.ts';
import { insertAudit } from '../../store/audit.ts';
import { openContract } from '../../store/contract.ts';
import {
  countsOf,
  type Erasure,
  type ErasureCount,
  erasuresOf,
  lockErasure,
  updateErasure,
} from '../../store/erasure.ts';
import type { InstitutionStanding } from '../../store/standing.ts';
import { instantOf, institutionOf, textOf } from './asked.ts';
import { certificate } from './certificate.ts';
import { planEnded } from './job.ts';

const TEXT = 'text/plain';

/** `Organization/[id]/$erase` and `$erasure`, for the operator. */
export const eraseOperations = (graceDays: number): readonly Operation[] => [
  {
    name: 'erase',
    types: ['Organization'],
    level: 'instance',
    methods: ['POST'],
    kinds: ['operator'],
    roles: ['operator'],
    permission: 'u',
    documentation:
      'Orders when what an institution owned is erased for good after the end of its contract (Art. 26); without it that happens after the days of grace. In: confirm (the name of the institution as it is registered), due (an instant; now where nothing is given), text (why). Out: as $erasure.',
    run: (request) => erase(request, graceDays),
  },
  {
    name: 'erasure',
    types: ['Organization'],
    level: 'instance',
    methods: ['GET', 'POST'],
    kinds: ['operator'],
    roles: ['operator'],
    permission: 'r',
    documentation:
      'How far the erasure of an institution has come, and its record. Out: state (planned, running, done, cancelled), due, step, hash, count (table, type, rows); with Accept: text/plain the certificate (消去証明書) in Japanese or English.',
    gives: [TEXT],
    run: show,
  },
];

async function erase(request: OperationRequest, graceDays: number): Promise<Answer> {
  const { engine, access, body } = request;
  const institution = await institutionOf(request);
  if (institution.kind === 'operator') throw refuse.conflict('What the operator owns is not erased');
  const confirmed = textOf(body, 'confirm', ['valueString']);
  if (confirmed === undefined)
    throw refuse.badRequest(
      'The parameter confirm is needed: the name of the institution',
      "Parameters.parameter('confirm')",
      'required',
    );
  if (confirmed !== institution.name)
    throw refuse.unprocessable('confirm is not the name of this institution', "Parameters.parameter('confirm')");
  const due = instantOf(body, 'due') ?? engine.now();
  const reason = textOf(body, 'text', ['valueString']) ?? null;
  const system = Access.system('erasure at the end of the contract', access.caller);
  if (await openContract(access, engine.database, institution.rid))
    throw refuse.conflict(
      'The institution has a contract or has applied for one; what it owns is erased after the end only',
    );
  await planEnded(engine, graceDays, institution.rid);
  const [latest] = await erasuresOf(system, engine.database, institution.rid);
  if (!latest) throw refuse.conflict('The institution had no contract that has ended');
  await engine.database.transaction(async (tx) => {
    const erasure = await lockErasure(system, tx, latest.id);
    await stillAsked(system, tx);
    // Begun already: nothing can be moved any more.
    if (erasure?.state !== 'planned' && erasure?.state !== 'cancelled') return;
    const at = engine.now();
    await updateErasure(system, tx, erasure.id, {
      state: 'planned',
      due,
      reason,
      askedAt: at,
      askedClient: access.caller?.clientId ?? null,
      askedPerson: access.caller?.person?.id ?? null,
    });
    await insertAudit(system, tx, [
      auditOfAct(access, at, 'erasure-ordered', {
        outcome: 0,
        type: 'Organization',
        resource: institution.rid,
        resourceId: institution.id,
        detail: `due ${new Date(due).toISOString()}`,
      }),
    ]);
  });
  return { status: 202, body: await stateOf(request, institution) };
}

async function show(request: OperationRequest): Promise<Answer> {
  const { engine, language, wants } = request;
  const institution = await institutionOf(request);
  if (wants !== TEXT) return { status: 200, body: await stateOf(request, institution) };
  const system = Access.system('erasure at the end of the contract', request.access.caller);
  const [erasure] = await erasuresOf(system, engine.database, institution.rid);
  if (erasure?.state !== 'done') throw refuse.notFound();
  const counts = await countsOf(system, engine.database, erasure.id);
  const text = certificate({ erasure, counts, institution: institution.name, zone: engine.zone }, language);
  return {
    status: 200,
    body: Buffer.from(text),
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Language': language },
  };
}

async function stateOf(request: OperationRequest, institution: InstitutionStanding): Promise<object> {
  const { engine, access } = request;
  const system = Access.system('erasure at the end of the contract', access.caller);
  const all = await erasuresOf(system, engine.database, institution.rid);
  const parts = await Promise.all(
    all.map(async (one) => ({ name: 'erasure', part: partsOf(one, await countsOf(system, engine.database, one.id)) })),
  );
  return { resourceType: 'Parameters', ...(parts.length > 0 && { parameter: parts }) };
}

function partsOf(one: Erasure, counts: readonly ErasureCount[]): object[] {
  const text = (name: string, value: string | null) => (value === null ? [] : [{ name, valueString: value }]);
  const time = (name: string, at: number | null) =>
    at === null ? [] : [{ name, valueInstant: new Date(at).toISOString() }];
  return [
    { name: 'id', valueUuid: `urn:uuid:${one.id}` },
    { name: 'state', valueCode: one.state },
    { name: 'contract', valueReference: { reference: `Contract/${one.contract}` } },
    { name: 'ended', valueDate: one.ended },
    ...time('due', one.due),
    ...text('step', one.step),
    ...text('reason', one.reason),
    ...time('ordered', one.askedAt),
    ...text('orderedBy', one.askedPerson ?? one.askedClient),
    ...time('begun', one.startedAt),
    ...time('finished', one.finishedAt),
    ...(one.state === 'done' ? text('sha256', one.hash.toString('hex')) : []),
    ...counts.map(({ name, type, rows }) => ({
      name: 'count',
      part: [
        { name: 'table', valueString: name },
        ...text('type', type || null),
        { name: 'rows', valueDecimal: Number(rows) },
      ],
    })),
  ];
}
