import { Access } from '../../access/access.ts';
import { auditOfSearch } from '../../fhir/audit.ts';
import type { Engine, Operation, OperationRequest } from '../../fhir/engine.ts';
import { parameter } from '../../fhir/parameters.ts';
import { stillAsked } from '../../fhir/still-standing.ts';
import { refuse } from '../../http/errors.ts';
import { readCertificate } from '../../pki/certificate.ts';
import { DerError } from '../../pki/der.ts';
import type { Queryable } from '../../store/database.ts';
import { lettersSignedWith, verificationWith } from '../../store/letter-verification.ts';
import { referenced } from '../../store/read.ts';
import { signerOf as knownSigner, lockSigner, putSigner, type SignerRow } from '../../store/signer.ts';
import { verifyAnew } from './anew.ts';
import { practitionerOf } from './binding.ts';
import type { VerificationRecord } from './evidence.ts';
import { seen } from './letters.ts';
import { isNamed, namesOf } from './names.ts';
import type { SignatureParts } from './parts.ts';
import { openPem } from './trust/pem.ts';
import { signerOf } from './verify/signer.ts';

/** Letters that are decided anew at once; whatever is more, the job does. */
const MOST_AT_ONCE = 20;

/** `Practitioner/[id]/$confirm-signer`: the coordinator of an institution says whether a certificate is that of its practitioner. */
export const confirmSignerOperation = (parts: SignatureParts): Operation => ({
  name: 'confirm-signer',
  types: ['Practitioner'],
  level: 'instance',
  methods: ['POST'],
  kinds: [],
  roles: ['coordinator', 'administrator'],
  service: 'signature',
  permission: 'u',
  documentation:
    'Says that a certificate is (confirm true) or is not (false) that of the institution’s own Practitioner. In: certificate (SHA-256, hex), confirm, pem where nothing was signed with it yet. Letters signed with it are decided anew. Out: names as certificate and register have them, namesAgree, and each letter’s task and result.',
  run: async (request) => {
    const { engine, access, id } = request;
    const practitioner = await seen(engine, access, 'Practitioner', id as string);
    const organization = (await referenced(access, engine.database, [practitioner.rid])).get(practitioner.rid)?.owner;
    if (organization === undefined || organization !== access.caller?.organization)
      throw refuse.unprocessable(
        'A signer is confirmed by the institution that registers the Practitioner',
        'Practitioner',
      );
    const { certificate, confirm, pem } = read(request);
    const system = Access.system('a signer was decided on', access.caller);
    const name = await nameIn(engine, system, organization, certificate, pem);
    const person = await practitionerOf(system, engine.database, organization, practitioner.rid);
    if (!person) throw refuse.unprocessable('The Practitioner is not active', 'Practitioner.active');
    const now = engine.now();
    const letters = await engine.database.transaction(async (transaction) => {
      await lockSigner(system, transaction, organization, certificate);
      await stillAsked(system, transaction);
      if (!confirm)
        await notAnothers(system, transaction, { organization, certificate, practitioner: practitioner.rid });
      await putSigner(system, transaction, {
        organization,
        certificate,
        practitioner: practitioner.rid,
        practitionerId: practitioner.id,
        confirmed: confirm,
        name,
        decidedAt: now,
        decidedBy: access.caller?.clientId ?? '',
      });
      return lettersSignedWith(system, transaction, { organization, certificate, now });
    });
    const detail = `${id}/$confirm-signer: ${certificate.toString('hex')} ${confirm ? 'confirmed' : 'refused'}`;
    await engine.audits.add(auditOfSearch(access, now, 'operation', 'Practitioner', detail, []));
    const decided = [];
    for (const letter of letters.slice(0, MOST_AT_ONCE)) {
      const settled = await verifyAnew(engine, parts, system, letter, 'decided', now);
      if (settled) decided.push(settled);
    }
    const parameterList = [
      { name: 'certificate', valueString: certificate.toString('hex') },
      { name: 'confirmed', valueBoolean: confirm },
      { name: 'certificateName', valueString: name },
      ...namesOf(person).map((one) => ({ name: 'registeredName', valueString: one })),
      { name: 'namesAgree', valueBoolean: isNamed(person, name) },
      ...decided.map(({ row, verification }) => ({
        name: 'letter',
        part: [
          { name: 'task', valueReference: { reference: `Task/${row.parts.task}` } },
          { name: 'result', valueCode: verification.result },
        ],
      })),
    ];
    return { status: 200, body: { resourceType: 'Parameters', parameter: parameterList } };
  },
});

/** That a certificate is not this person's says nothing against whose it is confirmed to be. */
async function notAnothers(
  system: Access,
  transaction: Queryable,
  { organization, certificate, practitioner }: Pick<SignerRow, 'organization' | 'certificate' | 'practitioner'>,
): Promise<void> {
  const known = await knownSigner(system, transaction, organization, certificate);
  if (!known?.confirmed || known.practitioner === practitioner) return;
  if (!(await practitionerOf(system, transaction, organization, known.practitioner))) return;
  throw refuse.conflict(
    `The certificate is confirmed as that of Practitioner/${known.practitionerId}; refuse it there, or confirm it here`,
    'Practitioner',
  );
}

interface Asked {
  readonly certificate: Buffer;
  readonly confirm: boolean;
  readonly pem: string | undefined;
}

function read({ body }: OperationRequest): Asked {
  const need = (name: string, what: string, code: 'required' | 'value') =>
    refuse.badRequest(`$confirm-signer needs the parameter ${name}: ${what}`, `Parameters.parameter('${name}')`, code);
  const certificate = parameter(body, 'certificate')?.valueString;
  const confirm = parameter(body, 'confirm')?.valueBoolean;
  const pem = parameter(body, 'pem')?.valueString;
  const digest = 'valueString, the SHA-256 of the certificate in 64 hexadecimal digits';
  if (typeof certificate !== 'string') throw need('certificate', digest, 'required');
  if (!/^[0-9a-f]{64}$/i.test(certificate)) throw need('certificate', digest, 'value');
  if (typeof confirm !== 'boolean') throw need('confirm', 'valueBoolean', 'required');
  return {
    certificate: Buffer.from(certificate, 'hex'),
    confirm,
    pem: typeof pem === 'string' ? pem : undefined,
  };
}

/** The name in the certificate: from what the institution has submitted, or from the certificate itself. */
async function nameIn(
  engine: Engine,
  system: Access,
  organization: bigint,
  certificate: Buffer,
  pem: string | undefined,
): Promise<string> {
  if (pem !== undefined) return nameInPem(pem, certificate.toString('hex'));
  const used = await verificationWith<VerificationRecord>(system, engine.database, organization, certificate);
  const name = used?.record.verdict.signer?.name;
  if (name !== undefined) return name;
  throw refuse.unprocessable(
    'None of the institution’s letters was signed with this certificate; send the certificate itself in pem',
    "Parameters.parameter('pem')",
    'required',
  );
}

function nameInPem(pem: string, expected: string): string {
  const expression = "Parameters.parameter('pem')";
  const wrong = (why: string) => refuse.unprocessable(`pem must be the certificate: ${why}`, expression, 'value');
  const opened = openPem(Buffer.from(pem), 'CERTIFICATE');
  if ('wrong' in opened) throw wrong(opened.wrong.en);
  const [der] = opened.ders;
  if (!der || opened.ders.length > 1) throw wrong('one, and nothing else');
  try {
    const { certificate, name } = signerOf(readCertificate(der));
    if (certificate !== expected) throw wrong('its SHA-256 is not the one in certificate');
    return name;
  } catch (error) {
    if (error instanceof DerError) throw wrong('it cannot be read');
    throw error;
  }
}
