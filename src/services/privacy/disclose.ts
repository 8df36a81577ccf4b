import { randomUUID } from 'node:crypto';
import { isOperator } from '../../access/administers.ts';
import { Asked } from '../../fhir/asked.ts';
import { auditOfAct } from '../../fhir/audit.ts';
import type { Operation, OperationRequest } from '../../fhir/engine.ts';
import { FhirError, refuse } from '../../http/errors.ts';
import { insertAudit } from '../../store/audit.ts';
import type { Queryable } from '../../store/database.ts';
import { accountsOf, approvers, type Disclosure, insertDisclosure } from '../../store/disclosure.ts';
import { addressees } from '../../store/notice.ts';
import { CLASSES, GROUND_CODES, type Ground } from './grounds.ts';

const UUID = /^(?:urn:uuid:)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;
const PARAMETERS = [
  'ground',
  'recipient',
  'class',
  'purpose',
  'legalReference',
  'institution',
  'person',
  'approver',
  'approverName',
  'secretUntil',
];

/** `$disclose`: the operator gives users' personal information to a third party. Without one of the five grounds it may not. */
export const discloseOperation: Operation = {
  name: 'disclose',
  types: ['Practitioner'],
  level: 'system',
  methods: ['POST'],
  kinds: ['operator'],
  roles: ['operator'],
  permission: 'r',
  documentation:
    'Records a disclosure of users’ personal information. In: ground, recipient, class*, purpose, legalReference, institution, person*, approver | approverName, secretUntil. Out: id, at.',
  run: async (request) => {
    const { engine, access } = request;
    if (!isOperator(access)) throw refuse.forbidden('Disclosures are made by the operator');
    const now = engine.now();
    try {
      const disclosure = await engine.database.transaction(async (transaction) => {
        const one = await disclosureOf(request, transaction, now);
        await insertDisclosure(access, transaction, one);
        // What must be kept secret is not to be found by looking for whom it concerns.
        const whom = one.secretUntil === null && one.institution !== null ? one.institution : null;
        const act = { resource: whom, type: 'Organization', outcome: 0, detail: `${one.ground} ${one.id}` } as const;
        await insertAudit(access, transaction, [auditOfAct(access, now, 'disclosure', act)]);
        return one;
      });
      return {
        status: 201,
        body: {
          resourceType: 'Parameters',
          parameter: [
            { name: 'id', valueUuid: `urn:uuid:${disclosure.id}` },
            { name: 'at', valueInstant: new Date(disclosure.at).toISOString() },
          ],
        },
      };
    } catch (error) {
      if (error instanceof FhirError && error.status < 500) {
        const act = { outcome: 4, detail: error.issues[0]?.code ?? 'refused' } as const;
        await insertAudit(access, engine.database, [auditOfAct(access, now, 'disclosure-refused', act)]);
      }
      throw error;
    }
  },
};

async function disclosureOf(request: OperationRequest, transaction: Queryable, now: number): Promise<Disclosure> {
  const { engine, access, body, query } = request;
  const asked = new Asked('disclose', body, query, PARAMETERS);
  const ground = groundOf(asked);
  const classes = [...new Set(asked.values('class').map(String))];
  const wrong = classes.find((one) => !(CLASSES as readonly string[]).includes(one));
  if (classes.length === 0 || wrong !== undefined) throw asked.refuse('class', `must be of ${CLASSES.join(', ')}`);
  const legalReference = asked.text('legalReference', 500) ?? null;
  if (ground === 'inquiry' && legalReference === null)
    throw missing('legalReference', 'A formal inquiry names the judgment, order or law that it rests on');
  const persons = personsOf(asked);
  const [id] = asked.references('institution', 'Organization');
  const institution = id === undefined ? null : engine.keys.rid('Organization', id);
  if (ground === 'statistics' && (persons.length > 0 || classes.some((one) => one !== 'statistics')))
    throw refuse.unprocessable(
      'Statistics identify nobody: no person, and no class but statistics',
      `Parameters.parameter('class')`,
    );
  if (institution !== null && !(await addressees(access, transaction, [institution])).has(institution))
    throw refuse.unprocessable('institution must name an active institution', `Parameters.parameter('institution')`);
  if (persons.length > 0) await checkPersons(request, transaction, institution, persons);
  const secretUntil = secretOf(asked, ground);
  const { person, clientId } = access.caller ?? { clientId: '' };
  return {
    id: randomUUID(),
    at: now,
    ground,
    classes,
    recipient: asked.needed('recipient', 500),
    purpose: asked.needed('purpose', 1000),
    legalReference,
    institution,
    persons,
    requester: person?.id ?? clientId,
    requesterName: person?.name ?? clientId,
    ...(await approvalOf(request, asked, transaction)),
    secretUntil,
  };
}

function groundOf(asked: Asked): Ground {
  const text = asked.text('ground', 64);
  const ground = GROUND_CODES.find((code) => code === text);
  if (!ground)
    throw refuse.unprocessable(
      `Terms of use, Art. 17: users’ personal information is disclosed on one of these grounds only: ${GROUND_CODES.join(', ')}`,
      `Parameters.parameter('ground')`,
    );
  return ground;
}

const missing = (name: string, why: string) => refuse.unprocessable(why, `Parameters.parameter('${name}')`, 'required');

const personsOf = (asked: Asked): string[] => [
  ...new Set(
    asked.values('person').map((value) => {
      const [, id] = (typeof value === 'string' && UUID.exec(value)) || [];
      if (id === undefined) throw asked.refuse('person', 'must be the id of an account, a UUID');
      return id.toLowerCase();
    }),
  ),
];

async function checkPersons(
  { access }: OperationRequest,
  transaction: Queryable,
  institution: bigint | null,
  persons: readonly string[],
): Promise<void> {
  if (institution === null) throw missing('institution', 'Of which institution the people are must be given');
  const known = await accountsOf(access, transaction, institution, persons);
  if (persons.some((id) => !known.has(id)))
    throw refuse.unprocessable('person must be an account of the institution', `Parameters.parameter('person')`);
}

/** An inquiry may have to be kept from those whom it concerns: until a day, or for good (`secretUntil` = `infinity`). */
function secretOf(asked: Asked, ground: Ground): string | null {
  const text = asked.text('secretUntil', 32);
  if (text === undefined) return null;
  if (ground !== 'inquiry')
    throw refuse.unprocessable('Only a formal inquiry can be secret', `Parameters.parameter('secretUntil')`);
  if (text !== 'infinity' && (!/^[1-9]\d{3}-\d\d-\d\d$/.test(text) || !asked.time('secretUntil', 'UTC')))
    throw asked.refuse('secretUntil', 'must be a day or infinity');
  return text;
}

/**
 * Nobody approves what they ask for themselves: another of the operator's people does. Where the operator has no account but the requester's, the
 * name of who approved it outside of this system is taken.
 */
async function approvalOf(
  { access }: OperationRequest,
  asked: Asked,
  transaction: Queryable,
): Promise<Pick<Disclosure, 'approver' | 'approverName'>> {
  const others = (await approvers(access, transaction)).filter(({ id }) => id !== access.caller?.person?.id);
  const [, id] = UUID.exec(asked.text('approver', 64) ?? '') ?? [];
  const approver = others.find((one) => one.id === id?.toLowerCase());
  if (approver) return { approver: approver.id, approverName: approver.name };
  if (others.length > 0 || asked.values('approver').length > 0)
    throw missing('approver', 'Another of the operator’s people, with the role operator, must have approved it');
  const name = asked.text('approverName', 200);
  if (name === undefined) throw missing('approverName', 'Who approved it must be given');
  return { approver: null, approverName: name };
}
