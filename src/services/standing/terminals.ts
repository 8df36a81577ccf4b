import { randomUUID } from 'node:crypto';
import type { Operation, OperationRequest, Resource } from '../../fhir/engine.ts';
import { parameter } from '../../fhir/parameters.ts';
import type { ClientTrust } from '../../http/client-trust.ts';
import { refuse } from '../../http/errors.ts';
import { formatName } from '../../pki/names.ts';
import { readPemFile } from '../../pki/pem.ts';
import { retireTerminal } from '../../store/standing.ts';
import { insertTerminal, type RegisteredTerminal, requireTerminals, terminalsOf } from '../../store/terminal.ts';
import { audited, inTurn, keepOperator, reasonOf } from './act.ts';
import { instant, institutionOf, KEEPERS, neededText, type Part, parameters, textOf } from './asked.ts';
import { issued } from './software.ts';

const common = { types: ['Organization'], level: 'instance', kinds: [], roles: KEEPERS } as const;

const MOST_CERTIFICATE = 64 * 1024;

/** An institution's terminals: by their certificates, as the operator's authorities issued them. */
export const terminalOperations = (trust: ClientTrust): readonly Operation[] => [
  {
    ...common,
    name: 'register-terminal',
    methods: ['POST'],
    permission: 'u',
    documentation:
      'Registers a terminal by its certificate. In: certificate (PEM, or DER as valueBase64Binary), name, place; software, version, issuedTo of what was installed. Out: terminal, thumbprint, subject, notAfter.',
    run: async (request) => {
      const { engine, access, body } = request;
      const institution = await institutionOf(request);
      const der = certificateOf(body);
      const verdict = trust.judge({ leaf: der, between: [] }, engine.now());
      if (!verdict.ok)
        throw refuse.unprocessable(
          `The certificate is not taken: ${verdict.code}, ${verdict.detail}`,
          "Parameters.parameter('certificate')",
          'value',
        );
      const { certificate, sha256 } = verdict;
      const terminal = {
        id: randomUUID(),
        sha256,
        institution: institution.rid,
        name: neededText(body, 'name', 200),
        place: textOf(body, 'place', 200) ?? null,
        subject: formatName(certificate.subject).slice(0, 1000),
        issuer: formatName(certificate.issuer).slice(0, 1000),
        serial: certificate.serialHex,
        notBefore: certificate.notBefore,
        notAfter: certificate.notAfter,
        certificate: der,
        at: new Date(engine.now()),
      };
      await engine.database.transaction(async (tx) => {
        await inTurn(access, tx, institution.rid);
        if (!(await insertTerminal(access, tx, terminal)))
          throw refuse.conflict(
            'The certificate is registered, or was; a terminal that comes back gets another',
            "Parameters.parameter('certificate')",
            'duplicate',
          );
        await issued(request, tx, institution.rid, { terminal: terminal.id });
        await audited(request, tx, 'register-terminal', about(request, institution.rid, terminal.id));
      });
      return {
        status: 200,
        body: parameters([
          ['terminal', terminal.id],
          ['thumbprint', sha256],
          ['subject', terminal.subject],
          ['notAfter', new Date(terminal.notAfter)],
        ]),
      };
    },
  },
  {
    ...common,
    name: 'terminals',
    methods: ['GET'],
    permission: 'r',
    documentation:
      'The institution’s terminals, those in use first, and whether it is let in at them only. Out: required, terminal.',
    run: async (request) => {
      const { engine, access } = request;
      const institution = await institutionOf(request);
      const terminals = await terminalsOf(access, engine.database, institution.rid);
      return {
        status: 200,
        body: parameters([
          ['required', institution.mtls === 'required'],
          ...terminals.map((one): Part => ['terminal', partsOf(one)]),
        ]),
      };
    },
  },
  {
    ...common,
    name: 'retire-terminal',
    methods: ['POST'],
    permission: 'u',
    documentation:
      'Shuts a terminal out at once and for good. In: terminal, reason (theft, loss, misuse, other), text, reporter. Out: active.',
    run: async (request) => {
      const { engine, access, body } = request;
      const institution = await institutionOf(request);
      const id = terminalId(body);
      const act = reasonOf(request);
      await engine.database.transaction(async (tx) => {
        await inTurn(access, tx, institution.rid);
        const terminals = await terminalsOf(access, tx, institution.rid);
        if (!terminals.some((one) => one.id === id)) throw refuse.notFound();
        await keepOperator(request, tx, institution.rid, { terminal: id });
        if ((await retireTerminal(access, tx, { id, institution: institution.rid }, act)) === 'done')
          await audited(request, tx, 'retire-terminal', about(request, institution.rid, `${id} ${act.reason}`));
      });
      return { status: 200, body: parameters([['active', false]]) };
    },
  },
  {
    ...common,
    name: 'require-terminals',
    methods: ['POST'],
    permission: 'u',
    documentation:
      'Whether the institution’s people and systems get in at its registered terminals only. In: required (valueBoolean). Out: required.',
    run: async (request) => {
      const { engine, access, body } = request;
      const institution = await institutionOf(request);
      const required = parameter(body, 'required')?.valueBoolean;
      if (typeof required !== 'boolean')
        throw refuse.badRequest('required must be a valueBoolean', "Parameters.parameter('required')", 'required');
      await engine.database.transaction(async (tx) => {
        await inTurn(access, tx, institution.rid);
        if (!(await requireTerminals(access, tx, institution.rid, required)))
          throw refuse.conflict(
            'The institution has no terminal whose certificate is good now: nobody of it could get in',
          );
        await audited(request, tx, 'require-terminals', about(request, institution.rid, String(required)));
      });
      return { status: 200, body: parameters([['required', required]]) };
    },
  },
];

const about = ({ id }: OperationRequest, resource: bigint, detail: string) => ({
  type: 'Organization',
  resource,
  resourceId: id as string,
  detail,
});

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

function terminalId(body: Resource | undefined): string {
  const id = neededText(body, 'terminal', 64);
  if (!UUID.test(id)) throw refuse.notFound();
  return id;
}

/** One certificate, DER. @throws FhirError 400 */
function certificateOf(body: Resource | undefined): Buffer {
  const given = parameter(body, 'certificate');
  const { valueString, valueBase64Binary } = given ?? {};
  const wrong = (what: string) =>
    refuse.badRequest(what, "Parameters.parameter('certificate')", given ? 'value' : 'required');
  const text =
    typeof valueString === 'string' ? valueString : typeof valueBase64Binary === 'string' ? valueBase64Binary : '';
  if (text === '' || text.length > MOST_CERTIFICATE)
    throw wrong('certificate must be PEM in valueString, or DER in valueBase64Binary');
  const bytes = typeof valueString === 'string' ? Buffer.from(text) : Buffer.from(text, 'base64');
  const pem = readPemFile(bytes, 'CERTIFICATE');
  if ('fault' in pem && pem.fault.code === 'private-key')
    throw wrong('certificate holds a private key: send the certificate alone, and have a new one issued for a new key');
  const [der, ...more] = 'ders' in pem ? pem.ders : [];
  if (!der || more.length > 0) throw wrong('certificate must be exactly one certificate, in PEM or DER');
  return Buffer.from(der);
}

const partsOf = (one: RegisteredTerminal): readonly Part[] => [
  ['terminal', one.id],
  ['name', one.name],
  ['place', one.place],
  ['thumbprint', one.sha256],
  ['subject', one.subject],
  ['issuer', one.issuer],
  ['serial', one.serial],
  ['notBefore', new Date(one.notBefore)],
  ['notAfter', new Date(one.notAfter)],
  ['registered', new Date(one.registeredAt)],
  ['active', one.active],
  ['retired', instant(one.retiredAt)],
  ['revoked', instant(one.revokedAt)],
];
