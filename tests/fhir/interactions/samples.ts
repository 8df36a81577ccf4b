import { randomUUID } from 'node:crypto';
import type { Reply, Sent } from '../../support/network.ts';

/** Synthetic resources, and entries of Bundles around them. */

export const SYSTEM = 'https://id.example/patients';

/** An identifier that nobody else has. */
export const fresh = () => randomUUID();

export const patient = (value: string, more: object = {}): Sent => ({
  resourceType: 'Patient',
  identifier: [{ system: SYSTEM, value }],
  name: [{ family: '試験', given: ['花子'] }],
  ...more,
});

export const observation = (subject: string, more: object = {}): Sent => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: '体温' },
  subject: { reference: subject },
  ...more,
});

export const by = (value: string) => `identifier=${SYSTEM}|${value}`;
export const urn = () => `urn:uuid:${randomUUID()}`;

export interface Entry {
  readonly fullUrl?: string;
  readonly resource?: object;
  readonly request: Readonly<Record<string, string>>;
}

export const posting = (resource: Sent, fullUrl?: string, conditions: Record<string, string> = {}): Entry => ({
  ...(fullUrl !== undefined && { fullUrl }),
  resource,
  request: { method: 'POST', url: resource.resourceType, ...conditions },
});
export const putting = (url: string, resource: object, conditions: Record<string, string> = {}): Entry => ({
  resource,
  request: { method: 'PUT', url, ...conditions },
});
export const getting = (url: string, method: 'GET' | 'HEAD' = 'GET'): Entry => ({ request: { method, url } });
export const deleting = (url: string, conditions: Record<string, string> = {}): Entry => ({
  request: { method: 'DELETE', url, ...conditions },
});

export const transaction = (...entry: unknown[]) => ({ resourceType: 'Bundle', type: 'transaction', entry });
export const batch = (...entry: unknown[]) => ({ resourceType: 'Bundle', type: 'batch', entry });

/** Statuses of a response Bundle's entries, as numbers. */
export const statuses = (reply: Reply): number[] =>
  reply.body.entry.map((entry: { response: { status: string } }) => Number.parseInt(entry.response.status, 10));

/** `Type/id` of what the entry of a response Bundle made. */
export const made = (reply: Reply, place: number): string =>
  (reply.body.entry[place].response.location as string).replace(/^.*?(\w+\/[\w.-]+)\/_history\/\d+$/, '$1');

/** The one issue of an OperationOutcome. */
export const issue = (reply: Reply) => {
  expect(reply.body).toMatchObject({ resourceType: 'OperationOutcome' });
  return reply.body.issue[0];
};
