/** A server that speaks the operations of letters as Tasuki does, with one letter, and does not judge what is submitted. */
import { createHash } from 'node:crypto';
import { type Answered, type Asked, type Served, serve } from './http-server.ts';
import { letter } from './world.ts';

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const outcome = (status: number, text: string): Answered => ({
  status,
  body: { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'processing', diagnostics: text }] },
});

const check = (name: string, status: string, text: string) => ({
  name: 'check',
  part: [
    { name: 'name', valueCode: name },
    { name: 'code', valueCode: status === 'passed' ? 'OK' : 'SIGNER_UNCONFIRMED' },
    { name: 'status', valueCode: status },
    { name: 'text', valueString: text },
  ],
});

export const verdict = (result: string, summary = '有効な署名です。') => ({
  resourceType: 'Parameters',
  parameter: [
    { name: 'result', valueCode: result },
    { name: 'summary', valueString: summary },
    { name: 'task', valueReference: { reference: 'Task/t1' } },
    check('signature', 'passed', '署名は正しいです。'),
    check('binding', result === 'VALID' ? 'passed' : 'undecided', '署名者が確認されていません。'),
  ],
});

export const issued = (changes: Readonly<Record<string, unknown>> = {}) => {
  const { task = 'Task/t1', document = 'Binary/b1', digest = sha256(letter) } = changes;
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'task', valueReference: { reference: task } },
      { name: 'document', valueReference: { reference: document } },
      { name: 'sha256', valueString: digest },
      { name: 'issued', valueInstant: '2026-04-01T00:00:00.000Z' },
    ],
  };
};

/** `METHOD /path` → answer; what is left out is answered as if all were well. */
export type Changes = Readonly<Record<string, Answered | undefined | ((asked: Asked) => Answered)>>;

export function letterServer(changes: Changes = {}): Promise<Served> {
  const usual: Changes = {
    'GET /fhir/Task/t1': { body: { resourceType: 'Task', focus: { reference: 'Bundle/1' } } },
    'POST /fhir/Bundle/1/$render': { body: issued() },
    'POST /fhir/DocumentReference/1/$render': { body: issued() },
    'POST /fhir/ServiceRequest/1/$render-letter': { body: issued() },
    'GET /fhir/Binary/b1': { headers: { 'content-type': 'application/pdf' }, body: letter },
    'POST /fhir/Task/t1/$submit-signed': { body: verdict('VALID') },
  };
  return serve((asked) => {
    const key = `${asked.method} ${asked.path}`;
    const answer = key in changes ? changes[key] : usual[key];
    return typeof answer === 'function' ? answer(asked) : (answer ?? outcome(404, `${key} is not here`));
  });
}
