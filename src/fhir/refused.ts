import { isResourceType } from '../definitions/index.ts';
import { FhirError } from '../http/errors.ts';
import type { AuditWord } from '../store/audit-words.ts';
import { auditOfAct } from './audit.ts';
import { isId } from './check.ts';
import { dispatch } from './dispatch.ts';
import type { Answer } from './engine.ts';
import type { FhirRequest } from './request.ts';

/**
 * As `dispatch`, and what was refused for who asked stands in the audit too: 403 whatever was asked, and of changes also what is not there for the caller
 * or not the caller's to delete. Reads keep what they did not find themselves. What is wrong in itself is no matter of access.
 */
export async function dispatchAudited(request: FhirRequest): Promise<Answer> {
  try {
    return await dispatch(request);
  } catch (error) {
    if (error instanceof FhirError && isOfAccess(request, error.status)) await audit(request);
    throw error;
  }
}

function isOfAccess({ access, method, path }: FhirRequest, status: number): boolean {
  if (!access.caller) return false;
  if (status === 403) return true;
  const changes = path.length === 0 || (path.length === 2 && (method === 'PUT' || method === 'DELETE'));
  return changes && !path[1]?.startsWith('$') && (status === 404 || (status === 422 && method === 'DELETE'));
}

function audit({ engine, access, method, path }: FhirRequest): Promise<void> {
  const [type, id] = path;
  const known = type !== undefined && isResourceType(type);
  const named = known && id !== undefined && isId(id);
  const row = auditOfAct(access, engine.now(), wordOf(method, path), {
    outcome: 4,
    type: known ? type : null,
    ...(named && { resource: engine.keys.rid(type, id), resourceId: id }),
    detail: path.length === 0 ? 'transaction' : operationOf(path),
  });
  return engine.audits.add([row]);
}

const operationOf = (path: readonly string[]): string | null => {
  const name = path.at(-1) ?? '';
  return name.startsWith('$') ? name.slice(0, 64) : null;
};

function wordOf(method: string, path: readonly string[]): AuditWord {
  if (path.length === 0 || operationOf(path)) return 'operation';
  const isOne = path.length > 1 && path[1] !== '_search';
  switch (method) {
    case 'PUT':
      return 'update';
    case 'DELETE':
      return 'delete';
    case 'POST':
      return path[1] === '_search' ? 'search-type' : 'create';
    default:
      if (!isOne) return 'search-type';
      return path[2] !== '_history' ? 'read' : path[3] === undefined ? 'history-instance' : 'vread';
  }
}
