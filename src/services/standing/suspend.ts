import type { Operation, OperationRequest } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import type { Queryable } from '../../store/database.ts';
import {
  type Individual,
  type InstitutionStanding,
  liftInstitution,
  liftPerson,
  networkPartners,
  personOfPractitioner,
  standingOf,
  suspendInstitution,
  suspendPerson,
} from '../../store/standing.ts';
import { audited, inTurn, liftingOf, reasonOf, tell } from './act.ts';
import { instant, institutionOf, KEEPERS, keeperOf, operatorOnly, parameters } from './asked.ts';

const common = { level: 'instance', methods: ['POST'], kinds: [], roles: KEEPERS, permission: 'u' } as const;

const ASKED = 'In: reason (theft, loss, misuse, other), text, reporter (who told it to the desk).';

/** `Organization/[id]/$suspend` and `Practitioner/[id]/$suspend`: after the answer nothing of theirs gets in, on any process. */
export const suspendOperations: readonly Operation[] = [
  {
    ...common,
    name: 'suspend',
    types: ['Organization'],
    documentation: `Shuts an institution out at once: its people, systems, apps and terminals. Bookings and grants stay. ${ASKED} Out: suspended.`,
    run: async (request) => {
      const { engine, access } = request;
      const institution = await institutionOf(request);
      if (institution.kind === 'operator')
        throw refuse.conflict(
          'The operator’s own institution cannot be suspended; suspend one of its people, or disable a client',
        );
      const act = reasonOf(request);
      await engine.database.transaction(async (tx) => {
        await inTurn(access, tx, institution.rid);
        if ((await suspendInstitution(access, tx, institution.rid, act)) !== 'done') return;
        await audited(request, tx, 'suspend', aboutInstitution(institution, act.reason));
        await tellInstitution(request, tx, institution, 'suspended');
      });
      return answered(await standingOf(access, engine.database, institution.rid));
    },
  },
  {
    ...common,
    name: 'suspend',
    types: ['Practitioner'],
    documentation: `Shuts a person out at once, with all sessions and tokens. ${ASKED} Out: suspended.`,
    run: async (request) => {
      const { engine, access } = request;
      const person = await personOf(request);
      const act = reasonOf(request);
      await engine.database.transaction(async (tx) => {
        await inTurn(access, tx, practitioner(request));
        if ((await suspendPerson(access, tx, person, act)) !== 'done') return;
        await audited(request, tx, 'suspend', aboutPerson(request, act.reason));
        await tellOfPerson(request, tx, person, 'suspended');
      });
      return answered(await personOfPractitioner(access, engine.database, practitioner(request)));
    },
  },
];

/** `$lift`: the operator lets them in again. Tokens, sessions and codes from before stay dead. */
export const liftOperations: readonly Operation[] = [
  {
    ...common,
    name: 'lift',
    types: ['Organization'],
    documentation: 'Ends the suspension of an institution; for the operator only. In: text. Out: suspended.',
    run: async (request) => {
      operatorOnly(request, 'Only the operator lifts a suspension');
      const { engine, access } = request;
      const institution = await institutionOf(request);
      const act = liftingOf(request);
      await engine.database.transaction(async (tx) => {
        await inTurn(access, tx, institution.rid);
        if ((await liftInstitution(access, tx, institution.rid, act)) !== 'done') return;
        await audited(request, tx, 'lift', aboutInstitution(institution, 'lifted'));
        await tellInstitution(request, tx, institution, 'lifted');
      });
      return answered(await standingOf(access, engine.database, institution.rid));
    },
  },
  {
    ...common,
    name: 'lift',
    types: ['Practitioner'],
    documentation: 'Ends the suspension of a person; for the operator only. In: text. Out: suspended.',
    run: async (request) => {
      operatorOnly(request, 'Only the operator lifts a suspension');
      const { engine, access } = request;
      const person = await personOf(request);
      const act = liftingOf(request);
      await engine.database.transaction(async (tx) => {
        await inTurn(access, tx, practitioner(request));
        if ((await liftPerson(access, tx, person, act)) !== 'done') return;
        await audited(request, tx, 'lift', aboutPerson(request, 'lifted'));
        await tellOfPerson(request, tx, person, 'lifted');
      });
      return answered(await personOfPractitioner(access, engine.database, practitioner(request)));
    },
  },
];

const practitioner = ({ engine, id }: OperationRequest) => engine.keys.rid('Practitioner', id as string);

/** The account of the Practitioner; 404 where there is none, or another institution looks after it. */
export async function personOf(request: OperationRequest): Promise<Individual> {
  const { engine, access } = request;
  const person = await personOfPractitioner(access, engine.database, practitioner(request));
  if (!person) {
    keeperOf(request, access.caller?.organization ?? 0n);
    throw refuse.notFound();
  }
  keeperOf(request, person.institution);
  return person;
}

const answered = (now: { readonly suspendedAt: number | null } | undefined) => ({
  status: 200,
  body: parameters([
    ['suspended', now?.suspendedAt !== null],
    ['since', instant(now?.suspendedAt ?? null)],
  ]),
});

const aboutInstitution = ({ rid, id }: InstitutionStanding, detail: string) => ({
  type: 'Organization',
  resource: rid,
  resourceId: id,
  detail,
});

const aboutPerson = (request: OperationRequest, detail: string) => ({
  type: 'Practitioner',
  resource: practitioner(request),
  resourceId: request.id as string,
  detail,
});

type Change = 'suspended' | 'lifted';

async function tellInstitution(
  { engine, access }: OperationRequest,
  tx: Queryable,
  { rid, id, name }: InstitutionStanding,
  code: Change,
): Promise<void> {
  const words = {
    suspended: {
      ja: `「${name}」のサービスの利用を停止しました。登録済みの予約はそのまま残ります。`,
      en: `The use of the service by “${name}” was suspended. Existing bookings stay.`,
    },
    lifted: { ja: `「${name}」の利用停止を解除しました。`, en: `The suspension of “${name}” was lifted.` },
  }[code];
  await tell(engine, access, tx, [id, ...(await networkPartners(access, tx, rid))], { code, ...words });
}

async function tellOfPerson(
  { engine, access }: OperationRequest,
  tx: Queryable,
  person: Individual,
  code: Change,
): Promise<void> {
  const institution = await standingOf(access, tx, person.institution);
  if (!institution || institution.kind === 'operator') return;
  const words = {
    suspended: {
      ja: `利用者「${person.name}」の利用を停止しました。`,
      en: `The account of “${person.name}” was suspended.`,
    },
    lifted: {
      ja: `利用者「${person.name}」の利用停止を解除しました。`,
      en: `The suspension of “${person.name}” was lifted.`,
    },
  }[code];
  await tell(engine, access, tx, [institution.id], { code, ...words });
}
