import { administers, isOperator } from '../../access/administers.ts';
import type { OperationRequest, Resource } from '../../fhir/engine.ts';
import { parameter } from '../../fhir/parameters.ts';
import { refuse } from '../../http/errors.ts';
import type { Queryable } from '../../store/database.ts';
import { type InstitutionStanding, standingOf } from '../../store/standing.ts';

/** By whom these operations are used, beside the operator's own system. */
export const KEEPERS = Object.freeze(['administrator', 'operator'] as const);

/**
 * The institution that the operation is on, for those who look after it.
 *
 * @throws FhirError 403 for a caller who looks after none, 404 for another's, 422 for an Organization that is no institution
 */
export async function institutionOf(
  request: OperationRequest,
  database: Queryable = request.engine.database,
): Promise<InstitutionStanding> {
  const { engine, access, id } = request;
  const rid = engine.keys.rid('Organization', id as string);
  keeperOf(request, rid);
  const institution = await standingOf(access, database, rid);
  if (!institution || institution.id !== id)
    throw refuse.unprocessable('There is no such institution', undefined, 'not-found');
  return institution;
}

/** Throws unless the caller looks after the institution: 403 where it could never, 404 where another one does. */
export function keeperOf({ access }: Pick<OperationRequest, 'access'>, institution: bigint): void {
  if (administers(access, institution)) return;
  if (!access.caller?.person?.roles.includes('administrator'))
    throw refuse.forbidden('This is for the operator and the institution’s administrators');
  throw refuse.notFound();
}

/** Throws 403 for anybody but the operator. */
export function operatorOnly({ access }: Pick<OperationRequest, 'access'>, what: string): void {
  if (!isOperator(access)) throw refuse.forbidden(what);
}

const TYPES = ['valueString', 'valueCode', 'valueUri', 'valueUrl', 'valueId'] as const;

/** A parameter as text without blanks around it; undefined where it is not there. @throws FhirError 400 */
export function textOf(body: Resource | undefined, name: string, most = 500): string | undefined {
  const given = parameter(body, name);
  if (!given) return undefined;
  const value = TYPES.map((type) => given[type]).find((one) => one !== undefined);
  const text = typeof value === 'string' ? value.trim() : '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (text === '' || [...text].length > most || /[\x00-\x08\x0b-\x1f\x7f]/.test(text) || !text.isWellFormed())
    throw refuse.badRequest(
      `${name} must be a valueString of 1 to ${most} characters without control characters`,
      `Parameters.parameter('${name}')`,
      'value',
    );
  return text;
}

/** @throws FhirError 400 where it is not there */
export function neededText(body: Resource | undefined, name: string, most = 500): string {
  const text = textOf(body, name, most);
  if (text === undefined)
    throw refuse.badRequest(`The parameter ${name} is needed`, `Parameters.parameter('${name}')`, 'required');
  return text;
}

/** One of these codes. @throws FhirError 400 */
export function codeOf<T extends string>(body: Resource | undefined, name: string, codes: readonly T[]): T {
  const text = neededText(body, name, 64);
  const code = codes.find((one) => one === text);
  if (!code)
    throw refuse.badRequest(
      `${name} must be one of ${codes.join(', ')}`,
      `Parameters.parameter('${name}')`,
      'code-invalid',
    );
  return code;
}

/** A Parameters resource; what is undefined or null is left out. */
export function parameters(parts: readonly Part[]): object {
  return { resourceType: 'Parameters', parameter: parts.flatMap(partOf) };
}

/** Name and value: text, instant (Date), boolean, a reference, or parts of its own. */
export type Part = readonly [
  name: string,
  value: string | Date | boolean | number | Reference | readonly Part[] | null | undefined,
];
export interface Reference {
  readonly reference: string;
  readonly display?: string;
}

function partOf([name, value]: Part): object[] {
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return [{ name, valueString: value }];
  if (typeof value === 'boolean') return [{ name, valueBoolean: value }];
  if (typeof value === 'number') return [{ name, valueInteger: value }];
  if (value instanceof Date) return [{ name, valueInstant: value.toISOString() }];
  if (Array.isArray(value)) return [{ name, part: (value as readonly Part[]).flatMap(partOf) }];
  return [{ name, valueReference: value }];
}

/** An instant of the store, epoch milliseconds, for `parameters`. */
export const instant = (at: number | null): Date | null => (at === null ? null : new Date(at));
