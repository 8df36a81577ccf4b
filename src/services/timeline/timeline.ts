import { policyTable } from '../../access/policy.ts';
import { auditOfSearch } from '../../fhir/audit.ts';
import { bundle, searchEntries } from '../../fhir/bundle.ts';
import { seal, unseal } from '../../fhir/cursor.ts';
import type { Engine, Operation } from '../../fhir/engine.ts';
import { parseReference } from '../../fhir/indexing/reference.ts';
import { askedOf } from '../../fhir/operations/page.ts';
import { refuse } from '../../http/errors.ts';
import { referenced } from '../../store/read.ts';
import { type TimelineRow, timeline } from '../../store/timeline.ts';

/** What a timeline shows: clinical resources, without the Patient itself and what only accompanies others. */
const TYPES = [...policyTable()]
  .filter(([type, policy]) => policy === 'c' && !['Patient', 'Binary', 'Provenance'].includes(type))
  .map(([type]) => type);

const OFFER = { operation: 'timeline', types: TYPES, parameters: ['owner'], count: 50, maxCount: 1000 };

/**
 * `Patient/[id]/$timeline`: the entries about a patient, newest clinical date first, for the patient's hospital and for those to whom
 * a keycode opened it; for everyone else there is none.
 */
export const timelineOperation: Operation = {
  name: 'timeline',
  types: ['Patient'],
  level: 'instance',
  methods: ['GET'],
  kinds: [],
  permission: 'r',
  documentation:
    'The patient’s timeline. Query: _type, _since, owner (Organization), _count. Out: a searchset, newest clinical date first.',
  run: async (request) => {
    const { engine, access, id } = request;
    const patient = engine.keys.rid('Patient', id as string);
    const { types, since, count, cursor, self, all } = askedOf(request, OFFER);
    const owners = all('owner')?.map((text) => ownerOf(engine, text));
    const known = (await referenced(access, engine.database, [patient])).get(patient);
    const open = known?.id === id && known?.open === true;
    const position = cursor === undefined ? undefined : unseal(engine, access, self, cursor);
    const after = position && { date: position[0] as number | null, rid: BigInt(position[1] as string) };
    const query = {
      patient,
      types,
      limit: count + 1,
      ...(owners && { owners }),
      ...(since !== undefined && { since }),
      ...(after && { after }),
    };
    const rows = open ? await timeline(access, engine.database, query) : [];
    const more = rows.length > count && rows.pop() !== undefined;
    await engine.audits.add(
      auditOfSearch(
        access,
        engine.now(),
        'operation',
        'Patient',
        self.slice(self.indexOf('$')),
        open ? [{ patient, patients: null }] : [],
      ),
    );
    if (!open) throw refuse.notFound();
    return {
      status: 200,
      body: answer(
        engine,
        rows,
        self,
        more ? seal(engine, access, self, positionOf(rows)) : undefined,
        !more && !after,
      ),
    };
  },
};

function positionOf(rows: readonly TimelineRow[]) {
  const last = rows.at(-1) as TimelineRow;
  return [last.date, String(last.rid)];
}

function answer(
  engine: Engine,
  rows: readonly TimelineRow[],
  self: string,
  cursor: string | undefined,
  complete: boolean,
): Buffer {
  const url = `${engine.baseUrl}/fhir/${self}`;
  const link = [
    { relation: 'self', url },
    ...(cursor ? [{ relation: 'next', url: `${url}${self.includes('?') ? '&' : '?'}_cursor=${cursor}` }] : []),
  ];
  return bundle({
    type: 'searchset',
    timestamp: engine.now(),
    total: complete ? rows.length : undefined,
    link,
    entry: searchEntries(engine.baseUrl, rows),
  });
}

function ownerOf(engine: Engine, text: string): bigint {
  const reference = parseReference(text.includes('/') ? text : `Organization/${text}`, engine.baseUrl);
  if (reference?.type !== 'Organization') throw refuse.badRequest('owner must be an Organization', undefined, 'value');
  return engine.keys.rid('Organization', reference.id);
}
