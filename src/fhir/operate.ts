import { refuse } from '../http/errors.ts';
import type { Answer, Operation } from './engine.ts';
import { permitScope, permitType } from './permit.ts';
import { bodyOf, type FhirRequest } from './request.ts';

/** https://hl7.org/fhir/R4/operations.html: `$name` on the system, a type or an instance, as the services offer it. */
export async function operate(request: FhirRequest): Promise<Answer> {
  const { engine, access, method, path } = request;
  const name = (path.at(-1) as string).slice(1);
  const level = path.length === 1 ? 'system' : path.length === 2 ? 'type' : 'instance';
  const [type, id] = level === 'system' ? [] : path;
  const operation =
    path.length > 3
      ? undefined
      : engine.operations.find(
          (o) => o.name === name && o.level === level && (type === undefined || o.types.includes(type)),
        );
  if (!operation) throw refuse.unknown(`There is no operation $${name.slice(0, 64)} here`);
  if (!(operation.methods as readonly string[]).includes(method))
    throw refuse.notAllowed(`$${name} answers ${operation.methods.join(', ')}`, operation.methods.join(', '));
  permit(request, operation, type);
  const body = method === 'POST' && request.body.length > 0 ? bodyOf(request) : undefined;
  return operation.run({
    engine,
    access,
    method,
    ...(type !== undefined && { type }),
    ...(level === 'instance' && id !== undefined && { id }),
    query: request.query,
    body: body?.resource,
    decimals: body?.decimals ?? false,
  });
}

function permit({ access }: FhirRequest, operation: Operation, type: string | undefined): void {
  if (type !== undefined) permitType(access, type, 'read');
  permitScope(access, type ?? operation.types[0] ?? '*', operation.permission);
  if (!access.isSystem && operation.kinds.length > 0 && !operation.kinds.includes(access.caller?.kind ?? '')) {
    throw refuse.forbidden(`$${operation.name} is for institutions of kind ${operation.kinds.join(', ')}`);
  }
}
