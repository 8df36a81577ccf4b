import { momentOf } from '../../../src/demo/data/moment.ts';
import { referralLetter } from '../../../src/demo/data/referral-letter.ts';
import { examine } from '../../../src/pdf/examine.ts';
import { fingerprint } from '../../../src/pki/certificate.ts';
import { LetterRenderer } from '../../../src/services/signature/letter/renderer.ts';
import { Verifier } from '../../../src/services/signature/verify/index.ts';
import type { Member } from '../../support/network.ts';
import { signLetter } from '../../support/signature/sign-letter.ts';
import { signers } from '../../support/signature/signers.ts';
import { stampers } from '../../support/signature/stampers.ts';
import { DAY, HOUR, SIGNED_AT, YEAR } from '../../support/signature/times.ts';
import { stampedBy } from '../../support/signature/timestamp-authority.ts';
import { trustAt } from '../../support/signature/trust.ts';
import { businessStatus, checked, ref, Stage, submitted, value } from './stage.ts';

/** The real renderer, verifier and PKI; only clock, files of trust and the network to the authority are the test's. */
let stage: Stage;
let clinic: Member;
let hospital: Member;
let now = SIGNED_AT;
let doctor: string;
const renderer = new LetterRenderer();
const verifier = new Verifier({ workers: 1 });
/** Asked by renew-letters. */
let stamped = 0;

const roles = { medical: ['Medical Doctor'], dental: ['Medical Doctor', 'Dentist'] };
const service = { name: { ja: '試験', en: 'Test' }, url: 'http://tsa.test', policy: undefined, allowPrivate: false };

beforeAll(async () => {
  stage = await Stage.open({
    now: () => now,
    signature: {
      render: (letter) => renderer.render(letter),
      verify: (input) => verifier.verify(input),
      trust: async (at) => ({ trust: trustAt(at), environment: 'test', roles, timestampServices: [service] }),
      stamp: async ({ data, now: at }) => {
        stamped += 1;
        return stampedBy(stampers.next, { at })(Buffer.concat(data));
      },
    },
  });
  ({ clinic, hospital } = stage);
  const name = [{ family: '試験', given: ['医師'] }];
  doctor = `Practitioner/${(await clinic.create({ resourceType: 'Practitioner', name })).id}`;
});
afterAll(async () => {
  await stage.close();
  await renderer.close();
  await verifier.close();
});

async function issued(member = clinic) {
  const patient = await member.create({ resourceType: 'Patient', name: [{ text: '港 太郎' }] });
  const letter = await member.create({ ...referralLetter(momentOf(new Date(now)), 3) });
  const order = await member.create({
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    subject: ref(`Patient/${patient.id}`),
    performer: [ref(hospital.organization)],
    supportingInfo: [ref(`Bundle/${letter.id}`)],
  });
  const reply = await member.send('POST', `ServiceRequest/${order.id}/$render-letter`);
  expect(reply.status).toBe(200);
  const { bytes } = await stage.bytes(member, 'GET', value(reply, 'document').reference);
  return { task: value(reply, 'task').reference as string, pdf: bytes };
}
const sign = (pdf: Uint8Array, signer = signers.doctor) =>
  signLetter({ pdf, signer, timestamp: stampedBy(stampers.tsa, { at: now }) });
const body = (bytes: Uint8Array) => new Uint8Array(bytes);

async function confirm(signer = signers.doctor) {
  return clinic.post(`${doctor}/$confirm-signer`, {
    resourceType: 'Parameters',
    parameter: [
      { name: 'certificate', valueString: fingerprint(signer.x509) },
      { name: 'confirm', valueBoolean: true },
      {
        name: 'pem',
        valueString: `-----BEGIN CERTIFICATE-----\n${Buffer.from(signer.certificate).toString('base64')}\n-----END CERTIFICATE-----\n`,
      },
    ],
  });
}

async function file(task: string) {
  const { output } = (await hospital.get(task)).body;
  const [, signed] = output as { valueReference: { reference: string } }[];
  return {
    reference: signed!.valueReference.reference,
    ...(await stage.bytes(hospital, 'GET', signed!.valueReference.reference)),
  };
}

const again = async (task: string) => {
  const reply = await hospital.send('POST', `${task}/$verify-again`);
  return [value(reply, 'result'), value(reply, 'same')];
};

describe('a genuine letter', () => {
  it('goes from issue to a signature that proves itself for decades', async () => {
    const { task, pdf } = await issued();
    const signed = await sign(pdf);
    now += HOUR / 2;
    const first = await submitted(clinic, task, body(signed));
    expect([first.status, value(first, 'result'), checked(first, 'binding')]).toEqual([
      200,
      'INDETERMINATE',
      'SIGNER_UNCONFIRMED undecided',
    ]);
    const confirmed = await confirm();
    expect([confirmed.status, value(confirmed, 'namesAgree')]).toEqual([200, true]);
    expect(await businessStatus(hospital, task)).toBe('verified completed');
    const shown = await hospital.get(`${task}/$verification`);
    expect([value(shown, 'result'), checked(shown, 'revocation')]).toEqual(['VALID', 'REVOCATION_PENDING noted']);
    expect(value(shown, 'signed')).toBe(new Date(SIGNED_AT).toISOString());
    expect(await again(task)).toEqual(['VALID', true]);

    // Lists that are newer than the signature come; then the proof is put into the file.
    now += 4 * DAY;
    await stage.server.jobs.run('recheck-letters', now);
    const later = await hospital.get(`${task}/$verification`);
    expect([value(later, 'result'), checked(later, 'revocation')]).toEqual(['VALID', 'OK passed']);
    const preserved = await file(task);
    expect(preserved.bytes.length).toBeGreaterThan(signed.length);
    expect(Buffer.from(preserved.bytes.subarray(0, signed.length))).toEqual(Buffer.from(signed));
    expect(examine(preserved.bytes, pdf).dss.length).toBe(1);
    expect((await hospital.get(preserved.reference)).body.meta.versionId).toBe('2');
    const { attachment } = (await hospital.get(value(later, 'document').reference)).body.content[0];
    expect(attachment.size).toBe(preserved.bytes.length);
    expect(await again(task)).toEqual(['VALID', true]);

    // Years later, before the certificate of the time-stamp ends, another time-stamp covers everything.
    expect(stamped).toBe(0);
    await stage.server.jobs.run('renew-letters', now);
    expect(stamped).toBe(0);
    const ends = await renewAt(task);
    expect(ends).toBeGreaterThan(now + YEAR / 2);
    now = ends + HOUR;
    // By then the doctor has left.
    const { body: person } = await clinic.get(doctor);
    expect((await clinic.put(doctor, { ...person, active: false })).status).toBe(200);
    await Promise.all([stage.server.jobs.run('renew-letters', now), stage.server.jobs.run('renew-letters', now)]);
    expect(stamped).toBe(1);
    const renewed = await file(task);
    expect(Buffer.from(renewed.bytes.subarray(0, preserved.bytes.length))).toEqual(Buffer.from(preserved.bytes));
    expect(examine(renewed.bytes, pdf).documentTimestamps.length).toBe(1);
    expect(await businessStatus(hospital, task)).toBe('verified completed');
    expect(await again(task)).toEqual(['VALID', true]);
    expect(await renewAt(task)).toBeGreaterThan(ends);
    expect((await clinic.put(doctor, { ...person, active: true })).status).toBe(200);
  });
});

const renewAt = async (task: string) => {
  const { rows } = await stage.server.database.query<{ at: number | null }>(
    "SELECT renew_at AS at FROM letter WHERE id = (SELECT letter FROM letter_part WHERE part = 'task' AND id = $1::text)",
    [task.slice('Task/'.length)],
  );
  return rows[0]?.at ?? 0;
};

describe('what is not right', () => {
  beforeEach(() => {
    now = SIGNED_AT;
  });

  it('a key that had been stolen before, as is heard later: what was valid is not any more', async () => {
    const { task, pdf } = await issued();
    await submitted(clinic, task, body(await sign(pdf, signers.stolenBefore)));
    await confirm(signers.stolenBefore);
    expect(await businessStatus(hospital, task)).toBe('verified completed');
    now += 4 * DAY;
    await stage.server.jobs.run('recheck-letters', now);
    expect(await businessStatus(hospital, task)).toBe('refused rejected');
    const shown = await hospital.get(`${task}/$verification`);
    expect([value(shown, 'result'), checked(shown, 'revocation')]).toEqual(['INVALID', 'CERT_COMPROMISED failed']);
    expect(await again(task)).toEqual(['INVALID', true]);
  });

  it('a byte that was changed', async () => {
    const { task, pdf } = await issued();
    const signed = body(await sign(pdf));
    signed[pdf.length - 200]! ^= 1;
    const reply = await submitted(clinic, task, signed);
    expect([reply.status, value(reply, 'result')]).toEqual([200, 'INVALID']);
    expect(await businessStatus(hospital, task)).toBe('refused rejected');
  });

  it('the letter of another, signed as it should be', async () => {
    const [one, other] = [await issued(), await issued()];
    const reply = await submitted(clinic, one.task, body(await sign(other.pdf)));
    expect([value(reply, 'result'), checked(reply, 'issued-bytes')?.split(' ')[1]]).toEqual(['INVALID', 'failed']);
  });

  it('the letter as it was issued, unsigned', async () => {
    const { task, pdf } = await issued();
    const reply = await submitted(clinic, task, body(pdf));
    expect(value(reply, 'result')).not.toBe('VALID');
  });

  it('something that is no PDF', async () => {
    const { task } = await issued();
    const reply = await submitted(clinic, task, 'hello');
    expect([reply.status, value(reply, 'result')]).toEqual([200, 'INVALID']);
  });

  it('a dentist’s signature, but for a dental institution', async () => {
    const { task, pdf } = await issued();
    const signed = body(await sign(pdf, signers.dentist));
    const medical = await submitted(clinic, task, signed);
    expect([value(medical, 'result'), checked(medical, 'role')]).toEqual(['INVALID', 'WRONG_ROLE failed']);
    const organization = (await clinic.get(clinic.organization)).body;
    const identifier = (number: string) => [
      { system: 'http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no', value: number },
    ];
    const dentistry = { ...organization, identifier: identifier('1439900001') };
    const own = await clinic.put(clinic.organization, dentistry);
    expect([own.status, own.body.issue[0].expression]).toEqual([422, ['Organization.identifier']]);
    expect((await stage.network.operator.put(clinic.organization, dentistry)).status).toBe(200);
    const dental = await submitted(clinic, task, signed);
    expect([value(dental, 'result'), checked(dental, 'role')]).toEqual(['INDETERMINATE', 'OK passed']);
    const medicine = { ...organization, identifier: identifier('1419900001') };
    expect((await stage.network.operator.put(clinic.organization, medicine)).status).toBe(200);
  });

  it('a certificate of another than pem says', async () => {
    const reply = await clinic.post(`${doctor}/$confirm-signer`, {
      resourceType: 'Parameters',
      parameter: [
        { name: 'certificate', valueString: fingerprint(signers.dentist.x509) },
        { name: 'confirm', valueBoolean: true },
        {
          name: 'pem',
          valueString: `-----BEGIN CERTIFICATE-----\n${Buffer.from(signers.doctor.certificate).toString('base64')}\n-----END CERTIFICATE-----\n`,
        },
      ],
    });
    expect([reply.status, reply.body.issue[0].expression]).toEqual([422, ["Parameters.parameter('pem')"]]);
  });
});
