import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '../../../src/store/database.ts';
import { type Clone, cloneDatabase } from '../../support/database.ts';
import { type Member, type Network, openNetwork } from '../../support/network.ts';
import { type RunningServer, startServer } from '../../support/server.ts';
import { said, suspension } from './parameters.ts';

let clone: Clone;
let database: Database;
let server: RunningServer;
let network: Network;
let hospital: Member;
beforeAll(async () => {
  clone = await cloneDatabase();
  server = await startServer({ database: clone, env: { MAX_BODY_BYTES: String(40 * 1024 * 1024), LOG_LEVEL: 'info' } });
  database = await clone.open({ poolSize: 2 });
  network = await openNetwork(server);
  hospital = await network.enrol('cooperating-hospital', 'みなと総合病院');
});
afterAll(async () => {
  await server.stop();
  await clone.drop();
});

/** Longer than a look at who calls counts as fresh. */
const LONG_MS = 400;

const suspend = async ({ organization }: Member) =>
  expect((await network.operator.post(`${organization}/$suspend`, suspension())).status).toBe(200);
const disable = async ({ organization, clientId }: Member) => {
  const asked = suspension();
  asked.parameter.push({ name: 'client', valueString: clientId });
  expect((await network.operator.post(`${organization}/$disable-client`, asked)).status).toBe(200);
};

/** A request whose body comes in two parts, with `meanwhile` between them; the status line of the answer. */
async function inTwoParts(member: Member, path: string, body: string, meanwhile: () => Promise<unknown>) {
  const bytes = Buffer.from(body);
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    `POST /fhir/${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${await member.token()}\r\n` +
      `Content-Type: application/fhir+json\r\nContent-Length: ${bytes.length}\r\nConnection: close\r\n\r\n`,
  );
  socket.write(bytes.subarray(0, 10));
  await pause(LONG_MS);
  await meanwhile();
  socket.write(bytes.subarray(10));
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const PATIENT = JSON.stringify({ resourceType: 'Patient', name: [{ text: '試験 太郎' }] });
const countOf = async (type: string) =>
  Number(
    (await database.query<{ n: string }>('SELECT count(*) AS n FROM resource WHERE type = $1', [type])).rows[0]?.n,
  );

/** Holds a resource, so that who changes it waits, until told. */
async function hold(type: string, id: string) {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: held, resolve: isHeld } = Promise.withResolvers<void>();
  const done = database.transaction(async (tx) => {
    await tx.query('SELECT FROM resource WHERE type = $1 AND id = $2 FOR UPDATE', [type, id]);
    isHeld();
    await released;
  });
  await held;
  return async () => {
    release();
    await done;
  };
}

describe('a request that began before the suspension', () => {
  it('and whose body ends after it, does nothing', async () => {
    const { member, before } = {
      member: await network.client(hospital, 'system/*.cruds'),
      before: await countOf('Patient'),
    };
    expect(await inTwoParts(member, 'Patient', PATIENT, () => disable(member))).toMatch(/^HTTP\/1\.1 401 /);
    expect(await countOf('Patient')).toBe(before);
  });

  it('and whose search ends after it, reads nothing', async () => {
    const clinic = await network.enrol('medical', 'さくら診療所');
    const answer = await inTwoParts(
      clinic,
      'Organization/_search',
      `_id=${clinic.organization.split('/')[1]}`.padEnd(60, '&'),
      () => suspend(clinic),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).not.toContain('さくら');
  });

  it('is done where nothing happened to who asks, however long it took', async () => {
    const before = await countOf('Patient');
    expect(await inTwoParts(hospital, 'Patient', PATIENT, async () => undefined)).toMatch(/^HTTP\/1\.1 201 /);
    expect(await countOf('Patient')).toBe(before + 1);
  });

  it('is done where the token runs out meanwhile; the next one needs a new token', async () => {
    const member = await network.client(hospital, 'system/*.cruds');
    const token = await member.token();
    const runOut = () =>
      database.query("UPDATE access_token SET expires_at = now() - interval '1 second' WHERE client = $1", [
        member.clientId,
      ]);
    expect(await inTwoParts(member, 'Patient', PATIENT, runOut)).toMatch(/^HTTP\/1\.1 201 /);
    const next = await server.fhir('/Patient', { headers: { authorization: `Bearer ${token}` } });
    expect(next.status).toBe(401);
  });

  it('and that waited for a lock meanwhile, writes nothing', async () => {
    const member = await network.client(hospital, 'system/*.cruds');
    const patient = await hospital.create({ resourceType: 'Patient', active: true });
    await member.token();
    const release = await hold('Patient', patient.id);
    const update = member.put(`Patient/${patient.id}`, { resourceType: 'Patient', id: patient.id, active: false });
    await pause(LONG_MS);
    await disable(member);
    await release();
    expect((await update).status).toBe(401);
    expect((await hospital.get(`Patient/${patient.id}`)).body).toMatchObject({
      meta: { versionId: '1' },
      active: true,
    });
  });

  it('and that the system was to do after a lock, is not done either', async () => {
    const clinic = await network.enrol('medical', 'もみじ医院');
    await network.affiliate(hospital, clinic);
    const patient = await hospital.create({ resourceType: 'Patient', birthDate: '1950-02-03' });
    const issued = await hospital.post(`Patient/${patient.id}/$issue-keycode`, { resourceType: 'Parameters' });
    const redeemed = await clinic.post('$redeem-keycode', {
      resourceType: 'Parameters',
      parameter: [
        { name: 'keycode', valueString: said(issued.body).keycode },
        { name: 'birthDate', valueDate: '1950-02-03' },
        { name: 'attest', valueBoolean: true },
      ],
    });
    const consent = redeemed.body.parameter[0].valueReference.reference;
    const member = await network.client(hospital, 'system/*.cruds');
    await member.token();
    const release = await hold('Consent', consent.slice('Consent/'.length));
    const withdrawal = member.post(`${consent}/$withdraw`, { resourceType: 'Parameters' });
    await pause(LONG_MS);
    await disable(member);
    await release();
    expect((await withdrawal).status).toBe(401);
    expect((await hospital.get(consent)).body.status).toBe('active');
    expect((await clinic.get(`Patient/${patient.id}`)).status).toBe(200);
  });

  it('and is a batch, ends at the entry at which it is', async () => {
    const member = await network.client(hospital, 'system/*.cruds');
    const patient = await hospital.create({ resourceType: 'Patient', active: true });
    const other = await hospital.create({ resourceType: 'Patient', active: true });
    await member.token();
    const release = await hold('Patient', patient.id);
    const put = (id: string) => ({
      resource: { resourceType: 'Patient', id, active: false },
      request: { method: 'PUT', url: `Patient/${id}` },
    });
    const batch = member.post('', {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [put(patient.id), put(other.id), { request: { method: 'GET', url: `Patient/${other.id}` } }],
    });
    await pause(LONG_MS);
    await disable(member);
    await release();
    const { body } = await batch;
    expect(body.entry.map((entry: { response: { status: string } }) => entry.response.status)).toEqual(
      Array(3).fill('401 Unauthorized'),
    );
    expect(JSON.stringify(body)).not.toContain('"active"');
    expect((await hospital.get(`Patient/${other.id}`)).body.meta.versionId).toBe('1');
  });

  it('and takes a long answer slowly, does not get the rest', async () => {
    const member = await network.client(hospital, 'system/*.cruds');
    const data = Buffer.alloc(24 * 1024 * 1024, 'a').toString('base64');
    const binary = await hospital.create({ resourceType: 'Binary', contentType: 'application/octet-stream', data });
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `GET /fhir/Binary/${binary.id} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/fhir+json\r\nAuthorization: Bearer ${await member.token()}\r\n\r\n`,
    );
    await once(socket, 'readable');
    const first = socket.read() as Buffer;
    expect(first.toString('latin1')).toMatch(/^HTTP\/1\.1 200 /);
    await disable(member);
    let length = first.length;
    const ended = once(socket, 'close');
    socket
      .on('error', () => undefined)
      .on('data', (chunk: Buffer) => {
        length += chunk.length;
      });
    await ended;
    expect(length).toBeLessThan(data.length);
  });

  it('and is answered behind another request of the same connection, gets nothing', async () => {
    const member = await network.client(hospital, 'system/*.cruds');
    const patient = await hospital.create({ resourceType: 'Patient', name: [{ text: '秘密 花子' }] });
    const token = await member.token();
    const head = (method: string) =>
      `${method} /fhir/Patient/${patient.id} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n`;
    const update = JSON.stringify({ resourceType: 'Patient', id: patient.id, active: false });
    const release = await hold('Patient', patient.id);
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    const chunks: Buffer[] = [];
    const ended = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined).on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.write(
      `${head('PUT')}Content-Type: application/fhir+json\r\nContent-Length: ${update.length}\r\n\r\n${update}`,
    );
    socket.write(`${head('GET')}Connection: close\r\n\r\n`);
    await pause(LONG_MS);
    await disable(member);
    // The word of it is under way to whoever answers.
    await pause(LONG_MS);
    await release();
    await ended;
    expect(Buffer.concat(chunks).toString()).not.toContain('秘密');
  });

  it('and that waited for a contract meanwhile, does nothing to it', async () => {
    const institution = await network.register('medical', 'あおば医院');
    const contract = await network.contract(institution);
    const id = contract.split('/')[1] as string;
    const desk = await network.client(network.operator, 'system/*.cruds');
    await desk.token();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: held, resolve: isHeld } = Promise.withResolvers<void>();
    const done = database.transaction(async (tx) => {
      await tx.query('SELECT FROM contract WHERE id = $1 FOR UPDATE', [id]);
      isHeld();
      await released;
    });
    await held;
    const ending = desk.post(`${contract}/$end`, {
      resourceType: 'Parameters',
      parameter: [
        { name: 'ground', valueInteger: 1 },
        { name: 'contacted', valueDate: '2020-01-01' },
        { name: 'reason', valueString: '試験' },
      ],
    });
    await pause(LONG_MS);
    await disable(desk);
    release();
    await done;
    expect((await ending).status).toBe(401);
    expect((await network.operator.get(contract)).body).toMatchObject({
      meta: { versionId: expect.any(String) },
      status: 'executed',
    });
  });
});
