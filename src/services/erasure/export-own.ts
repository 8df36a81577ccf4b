import { Access } from '../../access/access.ts';
import { administers } from '../../access/administers.ts';
import { auditOfSearch } from '../../fhir/audit.ts';
import type { Answer, Operation, OperationRequest } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { openContract } from '../../store/contract.ts';
import { ownVersions } from '../../store/export-own.ts';
import { standingOf } from '../../store/standing.ts';

const NDJSON = 'application/fhir+ndjson';
const PAGE = Object.freeze({ limit: 500, bytes: 8 * 1024 * 1024 });

/**
 * `Organization/[id]/$export-own`: what the institution would lose by the erasure, a page of whole resources at a time, so that neither side holds more
 * than a page. A page that is not the last says where the next is (RFC 8288).
 */
export const exportOwn: Operation = {
  name: 'export-own',
  types: ['Organization'],
  level: 'instance',
  methods: ['GET'],
  kinds: [],
  roles: ['administrator', 'operator'],
  permission: 'r',
  documentation:
    'All that the institution owns outside of other hospitals’ timelines, Binaries too, as NDJSON in pages: Link rel="next" leads on. For its administrators and systems, and for the operator on its behalf between the end of the contract and the erasure. In: after.',
  gives: [NDJSON],
  run: exported,
};

async function exported(request: OperationRequest): Promise<Answer> {
  const { engine, access, id, query } = request;
  const institution = engine.keys.rid('Organization', id as string);
  const { caller } = access;
  const system = caller?.organization === institution && caller.person === undefined;
  if (!system && !administers(access, institution)) throw refuse.notFound();
  const known = await standingOf(access, engine.database, institution);
  if (!known || known.id !== id) throw refuse.notFound();
  // What patients told an institution is not the operator's to take, as long as the institution can take it itself.
  if (caller?.organization !== institution && (await openContract(access, engine.database, institution)))
    throw refuse.conflict(
      'The institution has a contract, and exports by itself; on its behalf the operator does after the end',
    );
  const given = query.find(([name]) => name === 'after')?.[1];
  if (given !== undefined && !/^-?\d{1,19}$/.test(given))
    throw refuse.badRequest('after is not from a link of this operation');
  const after = given === undefined ? null : BigInt(given);
  if (after !== null && BigInt.asIntN(64, after) !== after)
    throw refuse.badRequest('after is not from a link of this operation');
  // A system sees what its token lets it see. Whoever looks after the institution takes all of it out, whatever their own rights to read are.
  const reader = system ? access : Access.system('export before the end of the contract', caller);
  const found = await ownVersions(reader, engine.database, institution, { after, ...PAGE });
  await engine.audits.add(
    auditOfSearch(access, engine.now(), 'operation', 'Organization', `Organization/${id}/$export-own`, found),
  );
  const last = found.at(-1);
  const next = `${engine.baseUrl}/fhir/Organization/${id}/$export-own?after=${last?.rid}`;
  return {
    status: 200,
    body: Buffer.concat(found.flatMap(({ content }) => [content, Buffer.from('\n')])),
    headers: { 'Content-Type': NDJSON, ...(last && { Link: `<${next}>; rel="next"` }) },
  };
}
