import { Access } from '../../access/access.ts';
import { commit } from '../../fhir/commit.ts';
import type { Engine, Resource } from '../../fhir/engine.ts';
import { readJson } from '../../fhir/json.ts';
import type { Queryable } from '../../store/database.ts';
import { read } from '../../store/read.ts';
import { lockNames } from '../../store/write.ts';
import { applicationForm } from './form.ts';
import { operatorOf } from './record.ts';

/**
 * Stores the form for applications as the Questionnaire that every caller reads, where it is not there as it is now. Processes that start
 * together do so one after the other.
 */
export async function publishForms(engine: Engine): Promise<void> {
  const system = Access.system('the form for applications is published');
  const form = applicationForm() as unknown as Resource & { readonly id: string };
  const rid = engine.keys.rid('Questionnaire', form.id);
  const isThere = async (database: Queryable) => {
    const stored = await read(system, database, 'Questionnaire', form.id, rid);
    if (!stored?.content) return false;
    const { meta: _, ...rest } = readJson(Buffer.from(stored.content), Number.POSITIVE_INFINITY).tree as Resource;
    return canonical(rest) === canonical(form);
  };
  if (await isThere(engine.database)) return;
  await engine.database.transaction(async (transaction) => {
    await lockNames(system, transaction, [rid]);
    if (await isThere(transaction)) return;
    const change = { interaction: 'update', type: 'Questionnaire', id: form.id, resource: form } as const;
    await commit({ ...engine, updateCreate: true }, system, [{ ...change, owner: operatorOf(engine) }], {
      within: transaction,
    });
  });
}

const canonical = (resource: object): string =>
  JSON.stringify(Object.fromEntries(Object.entries(resource).sort(([a], [b]) => (a < b ? -1 : 1))));
