import { randomUUID } from 'node:crypto';
import { Access } from '../../access/access.ts';
import { commit, retryTaken } from '../../fhir/commit.ts';
import type { Answer, Engine, Operation, OperationRequest, Resource } from '../../fhir/engine.ts';
import { parseReference } from '../../fhir/indexing/reference.ts';
import { parameter } from '../../fhir/parameters.ts';
import { permitType } from '../../fhir/permit.ts';
import { stillAsked } from '../../fhir/still-standing.ts';
import { type Issue, refuse } from '../../http/errors.ts';
import { type ContractRow, openContract } from '../../store/contract.ts';
import type { Queryable } from '../../store/database.ts';
import { isBeingErased } from '../../store/erasure.ts';
import { lockInstitution, type Standing } from '../../store/institution.ts';
import { read } from '../../store/read.ts';
import { type Application, INSTITUTION_CODE, kindIn, organizationIn, readApplication } from './application.ts';
import { OPERATORS, pastDayIn } from './asked.ts';
import { APPLICATION_FORM } from './codes.ts';
import { questionsOf } from './form.ts';
import { newNumber } from './number.ts';
import { operatorOf, recordFirst } from './record.ts';
import { scansIn } from './scan.ts';

/**
 * `Contract/$apply` (Art. 7): the operator records an application that it has received, for an institution that is registered or for one that
 * is registered with it. From the receipt on there are 30 days to answer.
 */
export const applyOperation: Operation = {
  ...OPERATORS,
  name: 'apply',
  types: ['Contract'],
  level: 'type',
  permission: 'c',
  documentation: `Records an application for service. In: application (QuestionnaireResponse of ${APPLICATION_FORM}), received (date; today), organization (Reference; without it the institution is registered from the form), scan* (Attachment). Out: contract, organization, number, status, omission*.`,
  run: (request) => retryTaken(() => apply(request)),
};

async function apply(request: OperationRequest): Promise<Answer> {
  const { engine, access } = request;
  const application = readApplication(request);
  const received = pastDayIn(request, 'received');
  const scans = scansIn(request);
  const asked = organizationAsked(request);
  if (asked === undefined) permitType(access, 'Organization', 'create');
  const row = await engine.database.transaction(async (transaction) => {
    const institution = asked === undefined ? await register(request, application, transaction) : asked;
    const found = await applicantOf(request, institution, transaction);
    sameKind(application, found);
    await stillAsked(access, transaction);
    const system = Access.system('an application was received', access.caller);
    if (await openContract(system, transaction, found.rid))
      throw refuse.conflict(
        'The institution has a contract, or an application that is not answered yet',
        'Contract.subject',
        'duplicate',
      );
    const row = rowOf(engine, found, application, received, scans.papers);
    return recordFirst({ engine, system, transaction }, row, {
      interaction: 'contract-applied',
      notices: [{ kind: row.omissions.length > 0 ? 'incomplete' : 'received' }],
      beside: [...scans.changes, applicationChange(engine, row, application)],
    });
  });
  return { status: 201, body: answerOf(row), headers: { Location: `${engine.baseUrl}/fhir/Contract/${row.id}` } };
}

/** The id of the Organization that the parameter names; undefined where there is none. */
function organizationAsked({ engine, body }: OperationRequest): string | undefined {
  const given = parameter(body, 'organization');
  if (!given) return undefined;
  const text = (given.valueReference as { reference?: unknown } | undefined)?.reference;
  const local = typeof text === 'string' ? parseReference(text, engine.baseUrl) : null;
  if (local?.type !== 'Organization')
    throw refuse.badRequest(
      'organization is a valueReference to an Organization',
      "Parameters.parameter('organization')",
      'value',
    );
  return local.id;
}

/** Registers the institution of the form, as the operator. One that has its code already is named by the parameter instead. */
async function register(
  { engine, access }: OperationRequest,
  { answers, omissions }: Application,
  transaction: Queryable,
): Promise<string> {
  const resource = organizationIn(answers);
  if (!resource) throw refuse.invalid(omissionIssues(omissions));
  const code = answers.get('institution.code')?.[0] as string | undefined;
  const once = code === undefined ? {} : { ifNoneExist: `identifier=${INSTITUTION_CODE}|${code.normalize('NFKC')}` };
  const change = { interaction: 'create', type: 'Organization', resource, ...once } as const;
  const [stored] = await commit(engine, access, [change], { within: transaction });
  if (stored?.result !== 'created')
    throw refuse.conflict(
      `There is an institution with this code: name it in the parameter organization, Organization/${stored?.id}`,
      'Organization.identifier',
      'duplicate',
    );
  return stored.id;
}

/** The institution, locked, so that of two applications at a time the second finds the first. */
async function applicantOf(
  { engine, access }: OperationRequest,
  id: string,
  transaction: Queryable,
): Promise<Standing> {
  const rid = engine.keys.rid('Organization', id);
  const seen = await read(access, transaction, 'Organization', id, rid);
  const found = seen?.content ? await lockInstitution(access, transaction, rid) : undefined;
  if (!found || found.kind === 'operator')
    throw refuse.unprocessable(
      'organization must be an institution that the operator has registered',
      "Parameters.parameter('organization')",
      'not-found',
    );
  if (await isBeingErased(Access.system('an application was received', access.caller), transaction, rid))
    throw refuse.conflict(
      'What the institution owned is being erased; record the application when $erasure says that it is done',
      "Parameters.parameter('organization')",
    );
  return found;
}

/** @throws FhirError 422 where the form is about another kind of institution */
export function sameKind({ answers }: Application, { kind }: Pick<Standing, 'kind'>): void {
  const said = kindIn(answers);
  if (said !== undefined && said !== kind)
    throw refuse.unprocessable(`The form says ${said}, the institution is registered as ${kind}`, 'Organization.type');
}

function rowOf(
  { keys }: Engine,
  institution: Standing,
  { omissions, services }: Application,
  received: string,
  papers: readonly string[],
): ContractRow {
  const id = randomUUID();
  return {
    rid: keys.rid('Contract', id),
    id,
    number: newNumber(),
    institution: institution.rid,
    institutionId: institution.id,
    state: 'applied',
    application: randomUUID(),
    omissions,
    papers,
    services,
    received,
    accepted: null,
    starts: null,
    termEnd: null,
    notice: null,
    contacted: null,
    ends: null,
    cause: null,
    nextServices: null,
    nextServicesOn: null,
    told: [],
    due: null,
  };
}

/** The application as the operator keeps it: the institution's own words, about the institution. */
export function applicationChange(engine: Engine, row: ContractRow, { response }: Pick<Application, 'response'>) {
  const resource: Resource = {
    ...response,
    id: row.application,
    status: row.omissions.length > 0 ? 'in-progress' : 'completed',
    subject: { reference: `Organization/${row.institutionId}` },
  };
  const { application: id } = row;
  return { interaction: 'create', type: 'QuestionnaireResponse', id, resource, owner: operatorOf(engine) } as const;
}

/** What the form asks for and nobody answered, one by one (Art. 8, ground 1). */
export function omissionIssues(omissions: readonly string[]): Issue[] {
  const questions = questionsOf(omissions);
  return omissions.map((linkId, i) => ({
    severity: 'error',
    code: 'required',
    diagnostics: `Art. 8, ground 1: the application leaves out ${questions[i]} (${linkId})`,
    expression: [`QuestionnaireResponse.descendants().where(linkId='${linkId}')`],
  }));
}

export function answerOf(row: ContractRow): object {
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'contract', valueReference: { reference: `Contract/${row.id}` } },
      { name: 'organization', valueReference: { reference: `Organization/${row.institutionId}` } },
      { name: 'number', valueString: row.number },
      { name: 'status', valueCode: row.omissions.length > 0 ? 'negotiable' : 'offered' },
      ...row.omissions.map((linkId, i) => ({
        name: 'omission',
        part: [
          { name: 'linkId', valueString: linkId },
          { name: 'question', valueString: questionsOf(row.omissions)[i] },
        ],
      })),
    ],
  };
}
