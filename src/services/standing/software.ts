import type { Operation, OperationRequest } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import type { Queryable } from '../../store/database.ts';
import { issueSoftware, returnSoftware, SOFTWARE_OUTCOMES, type Software, softwareOf } from '../../store/software.ts';
import { disableClientOf, retireTerminal, type StandingAct } from '../../store/standing.ts';
import { audited, inTurn, keepOperator } from './act.ts';
import { codeOf, instant, institutionOf, KEEPERS, neededText, type Part, parameters, textOf } from './asked.ts';

const common = { types: ['Organization'], level: 'instance', kinds: [], roles: KEEPERS } as const;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/**
 * Notes what was installed with a client or a terminal, where the request names it: software, version, issuedTo.
 *
 * @returns id of the entry in the register
 */
export async function issued(
  { engine, access, body }: OperationRequest,
  tx: Queryable,
  institution: bigint,
  to: { readonly client?: string; readonly terminal?: string },
): Promise<string | undefined> {
  const name = textOf(body, 'software', 200);
  if (name === undefined) return undefined;
  const version = textOf(body, 'version', 100) ?? null;
  const issuedTo = neededText(body, 'issuedTo', 200);
  const id = await issueSoftware(access, tx, {
    institution,
    name,
    version,
    issuedTo,
    ...to,
    at: new Date(engine.now()),
  });
  if (id === undefined)
    throw refuse.unprocessable('The client or terminal is not the institution’s', undefined, 'not-found');
  return id;
}

/** The register of software issued (Art. 21): kept like a credential, and gone through when the institution leaves. */
export const softwareOperations: readonly Operation[] = [
  {
    ...common,
    name: 'software',
    methods: ['GET'],
    permission: 'r',
    documentation: 'Software issued to the institution, what is still out first. Out: open (how many), software.',
    run: async (request) => {
      const { engine, access } = request;
      const institution = await institutionOf(request);
      const all = await softwareOf(access, engine.database, institution.rid);
      return {
        status: 200,
        body: parameters([
          ['open', all.filter(({ returnedAt }) => returnedAt === null).length],
          ...all.map((one): Part => ['software', partsOf(one)]),
        ]),
      };
    },
  },
  {
    ...common,
    name: 'issue-software',
    methods: ['POST'],
    permission: 'u',
    documentation:
      'Enters software that was issued. In: software, version, issuedTo; client or terminal that it gets in by. Out: entry.',
    run: async (request) => {
      const { engine, access, body } = request;
      const institution = await institutionOf(request);
      neededText(body, 'software', 200);
      const client = textOf(body, 'client', 128);
      const terminal = textOf(body, 'terminal', 64);
      if (terminal !== undefined && !UUID.test(terminal)) throw refuse.notFound();
      const entry = await engine.database.transaction(async (tx) => {
        await inTurn(access, tx, institution.rid);
        const id = await issued(request, tx, institution.rid, {
          ...(client && { client }),
          ...(terminal && { terminal }),
        });
        await audited(request, tx, 'issue-software', about(request, institution.rid, String(id)));
        return id;
      });
      return { status: 200, body: parameters([['entry', entry]]) };
    },
  },
  {
    ...common,
    name: 'return-software',
    methods: ['POST'],
    permission: 'u',
    documentation: `Enters that software is out no more, and shuts out the client or terminal that it got in by. In: entry, outcome (${SOFTWARE_OUTCOMES.join(', ')}), note. Out: entry.`,
    run: async (request) => {
      const { engine, access, body } = request;
      const institution = await institutionOf(request);
      const id = neededText(body, 'entry', 64);
      if (!UUID.test(id)) throw refuse.notFound();
      const outcome = codeOf(body, 'outcome', SOFTWARE_OUTCOMES);
      const note = textOf(body, 'note', 1000) ?? null;
      const at = new Date(engine.now());
      const { rid } = institution;
      await engine.database.transaction(async (tx) => {
        await inTurn(access, tx, rid);
        const entry = await returnSoftware(access, tx, { id, institution: rid, outcome, note, at });
        if (!entry) {
          if ((await softwareOf(access, tx, rid)).some((one) => one.id === id)) return;
          throw refuse.notFound();
        }
        await keepOperator(request, tx, rid, entry);
        const words = `software ${outcome}`;
        const act: StandingAct = { at, reason: outcome === 'lost' ? 'loss' : 'other', words, reporter: null };
        if (entry.client !== null) await disableClientOf(access, tx, { id: entry.client, institution: rid }, act);
        if (entry.terminal !== null) await retireTerminal(access, tx, { id: entry.terminal, institution: rid }, act);
        await audited(request, tx, 'return-software', about(request, rid, `${id} ${outcome}`));
      });
      return { status: 200, body: parameters([['entry', id]]) };
    },
  },
];

const about = ({ id }: OperationRequest, resource: bigint, detail: string) => ({
  type: 'Organization',
  resource,
  resourceId: id as string,
  detail,
});

const partsOf = (one: Software): readonly Part[] => [
  ['entry', one.id],
  ['software', one.name],
  ['version', one.version],
  ['issuedTo', one.issuedTo],
  ['client', one.client],
  ['terminal', one.terminal],
  ['issued', new Date(one.issuedAt)],
  ['returned', instant(one.returnedAt)],
  ['outcome', one.outcome],
  ['note', one.note],
];
