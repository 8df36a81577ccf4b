import { isOperator } from '../../access/administers.ts';
import type { OperationRequest, Resource } from '../../fhir/engine.ts';
import { parameter } from '../../fhir/parameters.ts';
import { refuse } from '../../http/errors.ts';
import { type InstitutionStanding, standingOf } from '../../store/standing.ts';

/** The institution that the operation is on, for the operator alone. */
export async function institutionOf({ engine, access, id }: OperationRequest): Promise<InstitutionStanding> {
  if (!isOperator(access)) throw refuse.forbidden('Only the operator erases what institutions owned');
  const found = await standingOf(access, engine.database, engine.keys.rid('Organization', id as string));
  if (!found || found.id !== id) throw refuse.notFound();
  return found;
}

/** A parameter as text; undefined where it is not there. @throws FhirError 400 */
export function textOf(
  body: Resource | undefined,
  name: string,
  types: readonly string[],
  most = 1000,
): string | undefined {
  const given = parameter(body, name);
  if (!given) return undefined;
  const value = types.map((type) => given[type]).find((one) => one !== undefined);
  const text = typeof value === 'string' ? value.trim() : '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (text === '' || [...text].length > most || /[\x00-\x1f\x7f]/.test(text) || !text.isWellFormed())
    throw refuse.badRequest(
      `${name} must be a ${types[0]} of 1 to ${most} characters without control characters`,
      `Parameters.parameter('${name}')`,
      'value',
    );
  return text;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** An instant in epoch milliseconds; undefined where it is not there. @throws FhirError 400 */
export function instantOf(body: Resource | undefined, name: string): number | undefined {
  const text = textOf(body, name, ['valueInstant', 'valueDateTime', 'valueString'], 64);
  if (text === undefined) return undefined;
  const at = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at) || at > Date.UTC(2200, 0, 1) || at < 0)
    throw refuse.badRequest(
      `${name} must be an instant with its zone, such as 2027-01-31T00:00:00+09:00`,
      `Parameters.parameter('${name}')`,
      'value',
    );
  return at;
}
