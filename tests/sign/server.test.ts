import { LetterServer, ServerError } from '../../src/sign/server.ts';
import { type Changes, issued, letterServer, outcome, sha256, verdict } from './fhir-server.ts';
import { serve } from './http-server.ts';
import { letter } from './world.ts';

async function issue(reference: string, changes: Changes = {}) {
  await using served = await letterServer(changes);
  const answer = await new LetterServer(`${served.url}/fhir/`, 'token', 'ja').issue(reference).catch((error) => error);
  return { answer, asked: served.asked };
}

describe('issuing a letter', () => {
  it.each([
    ['Bundle/1', ['POST /fhir/Bundle/1/$render']],
    ['DocumentReference/1', ['POST /fhir/DocumentReference/1/$render']],
    ['ServiceRequest/1', ['POST /fhir/ServiceRequest/1/$render-letter']],
    ['Task/t1', ['GET /fhir/Task/t1', 'POST /fhir/Bundle/1/$render']],
  ])('%s', async (reference, operations) => {
    const { answer, asked } = await issue(reference);
    expect(answer).toEqual({ task: 'Task/t1', sha256: sha256(letter), pdf: new Uint8Array(letter) });
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([...operations, 'GET /fhir/Binary/b1']);
    for (const { headers } of asked)
      expect(headers).toMatchObject({ authorization: 'Bearer token', 'accept-language': 'ja' });
    expect(asked.at(-1)?.headers.accept).toBe('application/pdf');
  });

  it('takes references that are absolute, to this server only', async () => {
    await using other = await letterServer();
    await using served = await letterServer({
      'POST /fhir/Bundle/1/$render': ({ headers }) => ({
        body: issued({
          task: `http://${headers.host}/fhir/Task/t1`,
          document: `http://${headers.host}/fhir/Binary/b1`,
        }),
      }),
    });
    const server = new LetterServer(`${served.url}/fhir`, 'token', 'en');
    expect(await server.issue(`${served.url}/fhir/Bundle/1`)).toMatchObject({ task: 'Task/t1' });
    await expect(server.issue(`${other.url}/fhir/Bundle/1`)).rejects.toThrow(ServerError);
    expect(other.asked).toEqual([]);
  });

  it.each([
    'Patient/1',
    'Bundle',
    'Bundle/',
    'Bundle/1/../../Patient',
    'Bundle/..',
    'Bundle/1?x=y',
    'Bundle/1/$delete',
    'https://elsewhere.example/fhir/Bundle/1',
    '//elsewhere.example/Bundle/1',
    '',
  ])('asks nothing for %j', async (reference) => {
    const { answer, asked } = await issue(reference);
    expect(answer).toBeInstanceOf(ServerError);
    expect(asked).toEqual([]);
  });

  it.each<[string, Changes, RegExp]>([
    ['other bytes than issued', { 'GET /fhir/Binary/b1': { body: 'changed' } }, /is not what was issued/],
    [
      'a digest of its own making',
      { 'POST /fhir/Bundle/1/$render': { body: issued({ digest: 'ab' }) } },
      /not what was/,
    ],
    ['no task', { 'POST /fhir/Bundle/1/$render': { body: issued({ task: 7 }) } }, /issued no letter: no task/],
    ['no document', { 'POST /fhir/Bundle/1/$render': { body: { parameter: 'none' } } }, /issued no letter/],
    [
      'a document elsewhere',
      { 'POST /fhir/Bundle/1/$render': { body: issued({ document: 'https://x.example/Binary/1' }) } },
      /x\.example/,
    ],
    ['null', { 'POST /fhir/Bundle/1/$render': { body: 'null' } }, /issued no letter/],
    ['a web page', { 'POST /fhir/Bundle/1/$render': { body: '<html>' } }, /not JSON/],
    ['a redirect', { 'GET /fhir/Binary/b1': { status: 302, headers: { location: '/elsewhere' } } }, /redirect/],
  ])('does not take %s', async (_name, changes, message) => {
    const { answer } = await issue('Bundle/1', changes);
    expect(answer).toBeInstanceOf(ServerError);
    expect(answer.message).toMatch(message);
  });

  it('says that a Task is of an earlier version', async () => {
    const { answer } = await issue('Task/old', {
      'GET /fhir/Task/old': { body: { focus: { reference: 'Bundle/1/_history/1' } } },
    });
    expect(answer).toBeInstanceOf(ServerError);
    expect(answer.message).toMatch(/Task\/old is of an earlier version.*Task\/t1/);
  });

  it.each([{}, { focus: {} }, { focus: { reference: 'Patient/1' } }])('does not take a Task about %j', async (body) => {
    expect((await issue('Task/t1', { 'GET /fhir/Task/t1': { body } })).answer).toBeInstanceOf(ServerError);
  });

  it.each([
    [404, '見つかりません'],
    [403, 'その操作はできません'],
    [500, ''],
  ])('repeats what an OperationOutcome says: %i', async (status, text) => {
    const { answer } = await issue('Bundle/1', { 'POST /fhir/Bundle/1/$render': outcome(status, text) });
    expect(answer).toBeInstanceOf(ServerError);
    expect(answer.message).toBe(`POST Bundle/1/$render: ${status} ${text}`.trimEnd());
  });

  it('says the details and the diagnostics, once where they are the same', async () => {
    const issue1 = { details: { text: '署名できません' }, diagnostics: 'void' };
    const body = { issue: [issue1, { diagnostics: 'void' }, { code: 'x' }] };
    const { answer } = await issue('Bundle/1', { 'POST /fhir/Bundle/1/$render': { status: 409, body } });
    expect(answer.message).toBe('POST Bundle/1/$render: 409 署名できません; void');
  });

  it('does not read without end', async () => {
    const { answer } = await issue('Bundle/1', { 'GET /fhir/Binary/b1': { body: Buffer.alloc(33 * 1024 * 1024) } });
    expect(answer.message).toMatch(/more than 33554432 bytes/);
  });

  it('says where nobody answers', async () => {
    const gone = await serve(() => ({}));
    await gone[Symbol.asyncDispose]();
    await expect(new LetterServer(`${gone.url}/fhir`, 'token', 'en').issue('Bundle/1')).rejects.toThrow(/ECONNREFUSED/);
    await expect(new LetterServer('nowhere', 'token', 'en').issue('Bundle/1')).rejects.toThrow(ServerError);
  });
});

describe('submitting a letter', () => {
  const submit = async (changes: Changes, language = 'ja') => {
    await using served = await letterServer(changes);
    const server = new LetterServer(`${served.url}/fhir`, 'token', language);
    const answer = await server.submit('Task/t1', Buffer.from('%PDF signed')).catch((error) => error);
    return { answer, asked: served.asked };
  };

  it.each(['VALID', 'INVALID', 'INDETERMINATE'])('%s, with every check', async (result) => {
    const { answer, asked } = await submit(
      { 'POST /fhir/Task/t1/$submit-signed': { body: verdict(result, '概要') } },
      'en',
    );
    expect(answer).toMatchObject({ result, summary: '概要' });
    expect(answer.checks).toHaveLength(2);
    expect(answer.checks[0]).toEqual({ name: 'signature', code: 'OK', status: 'passed', text: '署名は正しいです。' });
    expect(String(asked[0]?.body)).toBe('%PDF signed');
    expect(asked[0]?.headers).toMatchObject({ 'content-type': 'application/pdf', 'accept-language': 'en' });
  });

  it.each([verdict('VALID?'), {}, [], { parameter: [null, { name: 'result' }] }, { parameter: { name: 'result' } }])(
    'never takes for a result what is none: %j',
    async (body) => {
      const { answer } = await submit({ 'POST /fhir/Task/t1/$submit-signed': { body } });
      expect(answer).toBeInstanceOf(ServerError);
    },
  );
});
