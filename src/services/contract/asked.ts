import { Access } from '../../access/access.ts';
import type { Engine, Json, Operation, OperationRequest, Resource } from '../../fhir/engine.ts';
import { parameter } from '../../fhir/parameters.ts';
import { stillAsked } from '../../fhir/still-standing.ts';
import { refuse } from '../../http/errors.ts';
import { type ContractRow, lockContract } from '../../store/contract.ts';
import { read } from '../../store/read.ts';
import { type Day, dayAt, isDay } from './day.ts';
import { workOff } from './due.ts';
import type { Step } from './record.ts';
import { isServiceName, SERVICE_NAMES, sumOf } from './services.ts';

/** What operations on contracts are asked, and the way that they take. */

/** All of them are the operator's: applications and notices come on paper, or to its desk. */
export const OPERATORS = Object.freeze({
  kinds: ['operator'],
  roles: ['operator'],
  methods: ['POST'],
  permission: 'u',
} as const) satisfies Pick<Operation, 'kinds' | 'roles' | 'methods' | 'permission'>;

const place = (name: string) => `Parameters.parameter('${name}')`;

/** The day that it is, by the clock and the zone of the server. */
export const todayOf = (engine: Engine): Day => dayAt(engine.zone, engine.now());

/** @throws FhirError 400 for what is no day */
export function dayIn(body: Resource | undefined, name: string): Day | undefined {
  const given = parameter(body, name);
  if (!given) return undefined;
  if (!isDay(given.valueDate))
    throw refuse.badRequest(`${name} is a day: valueDate with year, month and day`, place(name), 'value');
  return given.valueDate;
}

/**
 * A day on which something happened: today, unless it is given.
 *
 * @throws FhirError 400; 422 for a day that is still to come
 */
export function pastDayIn({ engine, body }: OperationRequest, name: string): Day {
  const today = todayOf(engine);
  const day = dayIn(body, name) ?? today;
  if (day > today) throw refuse.unprocessable(`${name} cannot be after today, ${today}`, place(name));
  return day;
}

/** At most so many characters, none of them a control character but line breaks. Undefined where it is not there. */
export function textIn(body: Resource | undefined, name: string, most = 2000): string | undefined {
  const given = parameter(body, name);
  if (!given) return undefined;
  const text = given.valueString;
  if (typeof text !== 'string' || text.trim() === '' || [...text].length > most || /(?![\n\r\t])\p{Cc}/u.test(text))
    throw refuse.badRequest(`${name} is a valueString of 1 to ${most} characters`, place(name), 'value');
  return text.trim();
}

export function neededTextIn(body: Resource | undefined, name: string): string {
  const text = textIn(body, name);
  if (text === undefined) throw refuse.badRequest(`${name} is needed, as a valueString`, place(name), 'required');
  return text;
}

/** One of a few codes or numbers, as valueCode, valueString or valueInteger. Undefined where it is not there. */
export function oneIn<T extends string>(body: Resource | undefined, name: string, among: readonly T[]): T | undefined {
  const given = parameter(body, name);
  if (!given) return undefined;
  const text = String(given.valueCode ?? given.valueString ?? given.valueInteger);
  const found = among.find((one) => one === text);
  if (found === undefined)
    throw refuse.badRequest(`${name} is one of ${among.join(', ')}`, place(name), 'code-invalid');
  return found;
}

/** All parameters of a name. */
export function all(body: Resource | undefined, name: string): readonly Json[] {
  if (body?.resourceType !== 'Parameters' || !Array.isArray(body.parameter)) return [];
  return (body.parameter as unknown[]).filter(
    (one): one is Json => !!one && typeof one === 'object' && (one as Json).name === name,
  );
}

/** The sum of the services that the parameter `service` names, each time that it is there; undefined where it is not. */
export function servicesIn(body: Resource | undefined): number | undefined {
  const given = all(body, 'service');
  if (given.length === 0) return undefined;
  return sumOf(
    given.map(({ valueCode, valueString }) => {
      const name = valueCode ?? valueString;
      if (!isServiceName(name))
        throw refuse.badRequest(
          `service is a valueCode: ${SERVICE_NAMES.join(', ')}`,
          place('service'),
          'code-invalid',
        );
      return name;
    }),
  );
}

/** Takes a step on the contract of the path, whose row is locked and on which nothing is due any more; answers the Contract as it is then. */
export async function onContract(
  { engine, access, id }: OperationRequest,
  why: string,
  work: (step: Step, row: ContractRow) => Promise<ContractRow>,
): Promise<{ status: 200; body: Buffer }> {
  const rid = engine.keys.rid('Contract', id as string);
  const seen = await read(access, engine.database, 'Contract', id as string, rid);
  if (!seen?.content) throw refuse.notFound();
  const system = Access.system(why, access.caller);
  const content = await engine.database.transaction(async (transaction) => {
    const row = await lockContract(system, transaction, rid);
    if (!row) throw refuse.notFound();
    // The lock may have been waited for.
    await stillAsked(system, transaction);
    const step = { engine, system, transaction };
    await work(step, await workOff(step, row, todayOf(engine)));
    return (await read(system, transaction, 'Contract', row.id, rid))?.content;
  });
  if (!content) throw refuse.internal(new Error('a contract without content'));
  return { status: 200, body: Buffer.from(content) };
}

export const wrongState = (diagnostics: string) => refuse.conflict(diagnostics, 'Contract.status');
