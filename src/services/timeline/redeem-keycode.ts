import { Access } from '../../access/access.ts';
import { auditOfDecision } from '../../fhir/audit.ts';
import { commit } from '../../fhir/commit.ts';
import type { Engine, Operation, OperationRequest, Resource } from '../../fhir/engine.ts';
import { parameter } from '../../fhir/parameters.ts';
import { stillStanding } from '../../fhir/still-standing.ts';
import { refuse } from '../../http/errors.ts';
import { insertAudit } from '../../store/audit.ts';
import type { Queryable } from '../../store/database.ts';
import { grantEnds, grantedBy, putGrant } from '../../store/grant.ts';
import type { KeycodeRow, Redemption } from '../../store/keycode.ts';
import { content, idsOf, lock } from '../../store/read.ts';
import { keycodeConsent, LONGEST_GRANT } from './consent.ts';
import { endConsent } from './end-consent.ts';
import type { Keycodes } from './keycode/keycodes.ts';
import { agrees, type SecondCheck } from './keycode/second-check.ts';

const PURPOSES = ['TREAT', 'HPAYMT', 'HOPERAT', 'CAREMGT', 'PUBHLTH'];

/** `$redeem-keycode`: an institution to which the patient showed the keycode gets a Consent, and with it the timeline. */
export const redeemKeycodeOperation = (keycodes: Keycodes): Operation => ({
  name: 'redeem-keycode',
  types: [],
  level: 'system',
  methods: ['POST'],
  kinds: ['cooperating-hospital', 'medical', 'care', 'health', 'municipality'],
  roles: ['physician', 'nurse', 'pharmacist', 'coordinator', 'care-manager'],
  service: 'timeline',
  strong: true,
  permission: 'c',
  documentation:
    'Redeems a keycode for the caller’s institution. In: keycode, birthDate or identifier of the patient, purpose, attest. Out: consent, patient.',
  run: async (request) => {
    const { engine, access } = request;
    const { keycode, check, purpose } = read(request);
    const now = engine.now();
    const redeeming = Access.system('a keycode was redeemed', access.caller);
    const granted = await keycodes.redeem(
      access,
      { keycode, now: new Date(now) },
      {
        check: async (tx, row, previous) => {
          const known = agrees(check, await patientOf(redeeming, tx, row));
          return known && (!previous || (await standing(engine, redeeming, tx, previous)));
        },
        grant: async (tx, row, previous) => {
          await stillStanding(access, tx);
          const made = await grant(engine, access, redeeming, tx, row, previous, purpose, now);
          const consent = { rid: engine.keys.rid('Consent', made.consent), id: made.consent };
          await insertAudit(access, tx, [
            auditOfDecision(access, now, 'redeem-keycode', row.patient, consent, 0, row.id),
          ]);
          return made;
        },
        denied: async (tx, denial) => {
          const detail = denial.keycode ? `${denial.reason} ${denial.keycode.id}` : denial.reason;
          await insertAudit(access, tx, [
            auditOfDecision(access, now, 'refuse-keycode', denial.keycode?.patient ?? null, null, 4, detail),
          ]);
        },
      },
    );
    const parameters = [
      { name: 'consent', valueReference: { reference: `Consent/${granted.consent}` } },
      { name: 'patient', valueReference: { reference: `Patient/${granted.patient}` } },
    ];
    return { status: 200, body: { resourceType: 'Parameters', parameter: parameters } };
  },
});

function read({ body }: OperationRequest): { keycode: string; check: SecondCheck; purpose: string } {
  const need = (name: string, type: string) =>
    refuse.badRequest(
      `$redeem-keycode needs the parameter ${name} (${type})`,
      `Parameters.parameter('${name}')`,
      'required',
    );
  const keycode = parameter(body, 'keycode')?.valueString;
  if (typeof keycode !== 'string') throw need('keycode', 'valueString');
  const birthDate = parameter(body, 'birthDate')?.valueDate;
  const identifier = parameter(body, 'identifier')?.valueIdentifier as { system?: string; value?: string } | undefined;
  if (typeof birthDate !== 'string' && typeof identifier?.value !== 'string')
    throw need('birthDate', 'valueDate, or identifier as valueIdentifier');
  if (parameter(body, 'attest')?.valueBoolean !== true)
    throw need('attest', 'valueBoolean true: the patient showed the code, and it is used for the purpose alone');
  const purpose = parameter(body, 'purpose')?.valueCode ?? 'TREAT';
  if (typeof purpose !== 'string' || !PURPOSES.includes(purpose))
    throw refuse.badRequest(
      `purpose must be one of ${PURPOSES.join(', ')}`,
      "Parameters.parameter('purpose')",
      'code-invalid',
    );
  return {
    keycode,
    purpose,
    check:
      typeof birthDate === 'string' ? { birthDate } : { identifier: identifier as { system?: string; value?: string } },
  };
}

async function patientOf(access: Access, tx: Queryable, row: KeycodeRow): Promise<object> {
  const current = (await lock(access, tx, [row.patient])).get(row.patient);
  const bytes = current && !current.deleted ? await content(access, tx, row.patient, current.version) : undefined;
  return bytes ? (JSON.parse(String(bytes)) as object) : {};
}

/** A Consent that was withdrawn does not come back by showing the old code again: the hospital issues a new one. */
async function standing(engine: Engine, access: Access, tx: Queryable, previous: Redemption): Promise<boolean> {
  const rid = engine.keys.rid('Consent', previous.consent);
  return (await grantEnds(access, tx, rid)) !== undefined;
}

async function grant(
  engine: Engine,
  access: Access,
  system: Access,
  tx: Queryable,
  row: KeycodeRow,
  previous: Redemption | null,
  purpose: string,
  now: number,
): Promise<{ consent: string; patient: string }> {
  const ids = await idsOf(system, tx, [row.patient, row.hospital]);
  const patient = ids.get(row.patient) as string;
  const previousRid = previous && engine.keys.rid('Consent', previous.consent);
  if (previous && ((await grantEnds(system, tx, previousRid as bigint)) ?? 0) > now)
    return { consent: previous.consent, patient };
  const ends = now + LONGEST_GRANT;
  const caller = access.caller as NonNullable<Access['caller']>;
  const resource = keycodeConsent({
    patientId: patient,
    hospitalId: ids.get(row.hospital) as string,
    organizationId: caller.organizationId,
    keycodeId: row.id,
    purpose,
    starts: now,
    ends,
  }) as Resource;
  const replaced = await grantedBy(system, tx, caller.organization, row.patient);
  if (replaced !== undefined) await replace(engine, system, tx, replaced);
  const [made] = await commit(
    engine,
    system,
    [{ interaction: 'create', type: 'Consent', resource, owner: row.hospital }],
    { within: tx },
  );
  const consent = made?.id as string;
  await putGrant(system, tx, {
    organization: caller.organization,
    patient: row.patient,
    hospital: row.hospital,
    consent: engine.keys.rid('Consent', consent),
    starts: now - 1,
    ends,
  });
  return { consent, patient };
}

/** An institution has one live Consent for a patient: whoever withdraws that one ends what the institution sees. */
async function replace(engine: Engine, access: Access, tx: Queryable, consent: bigint): Promise<void> {
  const current = (await lock(access, tx, [consent])).get(consent);
  if (current && !current.deleted) await endConsent(engine, access, tx, current);
}
