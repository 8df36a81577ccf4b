import { policyTable } from '../../access/policy.ts';
import { refuse } from '../../http/errors.ts';
import { read as readStored } from '../../store/read.ts';
import { timeline } from '../../store/timeline.ts';
import { auditOfSearch } from '../audit.ts';
import { bundle, searchEntries } from '../bundle.ts';
import { isId } from '../check.ts';
import { seal, unseal } from '../cursor.ts';
import type { Operation } from '../engine.ts';
import { askedOf } from './page.ts';

/** What can be in a patient's compartment: clinical resources and workflow. */
const TYPES = [...policyTable()]
  .filter(([type, policy]) => 'cwk'.includes(policy) && type !== 'Patient')
  .map(([type]) => type);
const OFFER = { operation: 'everything', types: TYPES, parameters: [], count: 1000, maxCount: 1000 };

/**
 * `Patient/[id]/$everything` (https://hl7.org/fhir/R4/operation-patient-everything.html): the Patient, then what the caller may see
 * of its compartment, newest clinical date first, in pages of at most a thousand.
 */
export const everythingOperation: Operation = {
  name: 'everything',
  types: ['Patient'],
  level: 'instance',
  methods: ['GET'],
  kinds: [],
  permission: 'r',
  documentation: 'The Patient and all of its compartment that the caller may see. Query: _type, _since, _count.',
  run: async (request) => {
    const { engine, access, id = '' } = request;
    const rid = engine.keys.rid('Patient', id);
    const { types, since, count, cursor, self } = askedOf(request, OFFER);
    const patient = isId(id) ? await readStored(access, engine.database, 'Patient', id, rid) : undefined;
    const seen = patient?.content ? patient : undefined;
    const position = cursor === undefined ? undefined : unseal(engine, access, self, cursor);
    const after = position && { date: position[0] as number | null, rid: BigInt(position[1] as string) };
    const query = {
      patient: rid,
      types,
      limit: count + 1,
      ...(since !== undefined && { since }),
      ...(after && { after }),
    };
    const rows = seen ? await timeline(access, engine.database, query) : [];
    const last = rows.length > count && rows.pop() ? rows.at(-1) : undefined;
    const found = seen ? [{ patient: rid, patients: null }, ...rows] : [];
    await engine.audits.add(
      auditOfSearch(access, engine.now(), 'operation', 'Patient', self.slice(self.indexOf('$')), found),
    );
    if (!seen) throw refuse.notFound();
    const url = `${engine.baseUrl}/fhir/${self}`;
    const next = last && seal(engine, access, self, [last.date, String(last.rid)]);
    const link = [
      { relation: 'self', url },
      ...(next ? [{ relation: 'next', url: `${url}${self.includes('?') ? '&' : '?'}_cursor=${next}` }] : []),
    ];
    const own = {
      fullUrl: `${engine.baseUrl}/fhir/Patient/${id}`,
      search: { mode: 'match' as const },
      resource: seen.content as Buffer,
    };
    const entry = [...(after ? [] : [own]), ...searchEntries(engine.baseUrl, rows)];
    const total = next || after ? undefined : entry.length;
    return { status: 200, body: bundle({ type: 'searchset', timestamp: engine.now(), total, link, entry }) };
  },
};
