import type { ClosedDays } from '../../config/contract.ts';
import { auditOfAct } from '../../fhir/audit.ts';
import type { Operation } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { contractByNumber } from '../../store/contract.ts';
import { standings } from '../../store/institution.ts';
import { neededTextIn, OPERATORS } from './asked.ts';
import { isOpen, nextOpening } from './desk.ts';
import { readNumber } from './number.ts';

/**
 * `Contract/$inquire` (specification 7): whose the contract number is that a caller at the desk gives. Written as people say it; a number that is
 * nobody's, or misheard, is answered in one way.
 */
export const inquireOperation: Operation = {
  ...OPERATORS,
  name: 'inquire',
  types: ['Contract'],
  level: 'type',
  permission: 's',
  documentation:
    'Finds the contract of a number that a caller names. In: number (string). Out: contract, organization, name, state; 404 where there is none.',
  run: async ({ engine, access, body }) => {
    const number = readNumber(neededTextIn(body, 'number'));
    const row = number === undefined ? undefined : await contractByNumber(access, engine.database, number);
    await engine.audits.add([
      auditOfAct(access, engine.now(), 'contract-inquiry', {
        outcome: row ? 0 : 4,
        type: 'Contract',
        ...(row && { resource: row.rid, resourceId: row.id }),
      }),
    ]);
    if (!row) throw refuse.notFound();
    const name = (await standings(access, engine.database, [row.institution])).get(row.institution)?.name ?? '';
    const parameter = [
      { name: 'contract', valueReference: { reference: `Contract/${row.id}` } },
      { name: 'organization', valueReference: { reference: `Organization/${row.institutionId}`, display: name } },
      { name: 'name', valueString: name },
      { name: 'state', valueCode: row.state },
    ];
    return { status: 200, body: { resourceType: 'Parameters', parameter } };
  },
};

/** `$desk-hours` (specification 7): whether the desk answers now, and when it does next. For everybody who has a token. */
export const deskHoursOperation = (closed: readonly ClosedDays[]): Operation => ({
  name: 'desk-hours',
  types: [],
  level: 'system',
  methods: ['GET', 'POST'],
  kinds: [],
  permission: 'r',
  documentation:
    'Hours of the desk: Monday to Friday, 9:00 to 17:30, but for holidays and the days that DESK_CLOSED names. Out: open (boolean), opens (dateTime, where it ever does).',
  run: async ({ engine }) => {
    const now = engine.now();
    const next = nextOpening(engine.zone, closed, now);
    const parameter = [
      { name: 'open', valueBoolean: isOpen(engine.zone, closed, now) },
      ...(next === undefined ? [] : [{ name: 'opens', valueDateTime: new Date(next).toISOString() }]),
    ];
    return { status: 200, body: { resourceType: 'Parameters', parameter } };
  },
});
