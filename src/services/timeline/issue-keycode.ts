import { auditOfDecision } from '../../fhir/audit.ts';
import type { Operation } from '../../fhir/engine.ts';
import { interval } from '../../fhir/indexing/date.ts';
import { parameter } from '../../fhir/parameters.ts';
import { stillStanding } from '../../fhir/still-standing.ts';
import { refuse } from '../../http/errors.ts';
import { insertAudit } from '../../store/audit.ts';
import type { Keycodes } from './keycode/keycodes.ts';

/** `Patient/[id]/$issue-keycode`: the hospital prints a keycode for its patient. The code is in this answer and nowhere else. */
export const issueKeycodeOperation = (keycodes: Keycodes): Operation => ({
  name: 'issue-keycode',
  types: ['Patient'],
  level: 'instance',
  methods: ['POST'],
  kinds: ['cooperating-hospital'],
  roles: ['physician', 'nurse', 'coordinator', 'clerk'],
  service: 'timeline',
  permission: 'u',
  documentation:
    'Issues a keycode for the hospital’s own patient; the one before it is rotated, grants stay. In: kind (reusable, single-use), expires. Out: keycode, id, expires.',
  run: async ({ engine, access, id, body }) => {
    const kind = parameter(body, 'kind')?.valueCode ?? parameter(body, 'kind')?.valueString ?? 'reusable';
    if (kind !== 'reusable' && kind !== 'single-use')
      throw refuse.badRequest('kind must be reusable or single-use', "Parameters.parameter('kind')", 'value');
    const text = parameter(body, 'expires')?.valueDateTime ?? parameter(body, 'expires')?.valueDate;
    const end = text === undefined ? undefined : interval(String(text), engine.zone)?.high;
    if (text !== undefined && end === undefined)
      throw refuse.badRequest('expires must be a dateTime', "Parameters.parameter('expires')", 'value');
    const patient = engine.keys.rid('Patient', id as string);
    const now = engine.now();
    const request = {
      patient,
      now: new Date(now),
      kind,
      ...(end !== undefined && { expires: new Date(end) }),
    } as const;
    const issued = await keycodes.issue(access, request, async (tx, made) => {
      await stillStanding(access, tx);
      await insertAudit(access, tx, [auditOfDecision(access, now, 'issue-keycode', patient, null, 0, made.id)]);
    });
    return {
      status: 200,
      body: {
        resourceType: 'Parameters',
        parameter: [
          { name: 'keycode', valueString: issued.keycode },
          { name: 'id', valueString: issued.id },
          { name: 'expires', valueDateTime: issued.expires.toISOString() },
        ],
      },
    };
  },
});
