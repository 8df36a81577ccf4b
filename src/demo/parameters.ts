import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import type { Answer } from './fhir-client.ts';

/** Input of an operation. */
export function parameters(...parameter: ParametersParameter[]): Parameters {
  return { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) };
}

/** The value of an operation's output parameter, whatever its type; an Error where it is missing. */
export function output(answer: Answer, name: string): string {
  const found = answer.as<Parameters>('Parameters').parameter?.find((parameter) => parameter.name === name);
  const value = found?.valueString ?? found?.valueUri ?? found?.valueDateTime ?? found?.valueReference?.reference;
  if (value === undefined) throw new Error(`${answer.request} answered without '${name}'`);
  return value;
}
