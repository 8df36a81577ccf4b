import { fresh, observation, posting, putting, SYSTEM, transaction } from '../fhir/interactions/samples.ts';
import type { Member, Reply } from '../support/network.ts';

/** A version that the server has acknowledged, and the bytes in which it did. */
export interface Acknowledged {
  /** `Type/id/_history/version` */
  readonly location: string;
  readonly text: string | undefined;
}

/** One transaction: its observations carry its mark, and so does the version of the ledger that it writes. */
export interface Marked {
  readonly mark: string;
  readonly ledger: string;
  acknowledged: boolean;
}

export const ENTRIES = 5;

/** What several writers have sent, and what they were told. */
export interface Storm {
  readonly acknowledged: Acknowledged[];
  readonly transactions: Marked[];
  /** Identifiers of the resources whose creation was acknowledged. */
  readonly created: string[];
  /** Answers that were neither a success nor the end of the connection. */
  readonly unexpected: string[];
}

export const newStorm = (): Storm => ({ acknowledged: [], transactions: [], created: [], unexpected: [] });

const identified = (value: string) => ({ identifier: [{ system: SYSTEM, value }] });
const ledger = (id: string | undefined, mark: string) => ({
  resourceType: 'Basic',
  ...(id !== undefined && { id }),
  code: { text: '台帳' },
  ...identified(mark),
});

/** Where a version is, from the answer to its write. */
const locationOf = (location: string) => /\w+\/[\w.-]+\/_history\/\d+$/.exec(location)?.[0] as string;

/**
 * Writes until the connection ends: creations, updates and transactions in turn. `acknowledge` is called after each success.
 */
export async function write(member: Member, patient: string, storm: Storm, acknowledge: () => void): Promise<void> {
  let own = '';
  const subject = `Patient/${patient}`;
  const keep = (reply: Reply, location: string | null, text?: string) => {
    if (reply.status >= 300) storm.unexpected.push(`${reply.status} ${reply.text}`);
    else storm.acknowledged.push({ location: locationOf(location ?? ''), text });
  };
  const steps = [
    async () => {
      const value = fresh();
      const reply = await member.post('Observation', observation(subject, identified(value)));
      keep(reply, reply.headers.get('location'), reply.text);
      storm.created.push(value);
    },
    async () => {
      const reply = await member.put(`Basic/${own}`, ledger(own, fresh()));
      keep(reply, reply.headers.get('location'), reply.text);
    },
    async () => {
      const marked: Marked = { mark: fresh(), ledger: own, acknowledged: false };
      storm.transactions.push(marked);
      const observations = Array.from({ length: ENTRIES }, () =>
        posting(observation(subject, identified(marked.mark))),
      );
      const reply = await member.post(
        '',
        transaction(putting(`Basic/${own}`, ledger(own, marked.mark)), ...observations),
      );
      for (const { response } of reply.body.entry ?? []) keep(reply, response.location);
      marked.acknowledged = reply.status === 200;
      if (!marked.acknowledged) storm.unexpected.push(`${reply.status} ${reply.text}`);
    },
  ];
  try {
    own = (await member.create(ledger(undefined, fresh()))).id;
    for (let i = 0; ; i++) {
      await steps[i % steps.length]?.();
      acknowledge();
    }
  } catch (error) {
    // What fetch throws when the connection ends.
    if ((error as Error).name !== 'TypeError') throw error;
  }
}
