/** A resource as a whole: its type, what it contains, what a Bundle or Parameters carries, the profiles that it claims. */
import { isResourceType } from '../../definitions/index.ts';
import { child, list } from './invariants/nodes.ts';
import { checkObject, isObject } from './object.ts';
import { checkProfiles } from './profiles/index.ts';
import { type Node, type Pending, quote, type Run, type Scope } from './run.ts';
import { objectType } from './structure.ts';

/** Checks the resource that was handed in. */
export function checkRoot(value: unknown, run: Run): void {
  if (!isObject(value)) {
    run.report('structure', 'A resource must be a JSON object', '');
    return;
  }
  const type = typeOf(value, run);
  if (type === undefined) return;
  run.enter(type);
  checkScoped(type, value, run);
  run.leave();
}

/** Checks a resource inside another: `DomainResource.contained`, or one that Bundle or Parameters carries. The run stands at it. */
export function checkInner(value: unknown, run: Run, elementPath: string): void {
  if (!isObject(value)) {
    run.fault('structure', 'must be a JSON object: a resource');
    return;
  }
  const type = typeOf(value, run);
  if (type === undefined) return;
  if (elementPath === 'DomainResource.contained') checkContained(type, value, run);
  else checkScoped(type, value, run);
}

function typeOf(resource: Node, run: Run): string | undefined {
  const type = resource.resourceType;
  if (typeof type === 'string' && isResourceType(type)) return type;
  run.enter('resourceType');
  if (type === undefined) run.fault('required', 'A resource must name its resourceType');
  else run.fault('value', `${typeof type === 'string' ? quote(type) : 'The resourceType'} is no resource type of R4`);
  run.leave();
  return undefined;
}

/** A resource that has its own reach of `#id`. */
function checkScoped(type: string, value: Node, run: Run): void {
  const { scope: outer, resource } = run;
  const scope: Scope = {
    resource: value,
    type,
    fragments: [],
    carried: [],
    mentioned: new Set(),
    selfish: new Set(),
    outer,
    inside: -1,
  };
  run.scope = scope;
  run.resource = value;
  const { broken } = run;
  checkObject(objectType(type), value, run);
  if (run.broken === broken) {
    resolveFragments(scope, run);
    if (type === 'Bundle') resolveEntries(scope, run);
    checkMentions(scope, run);
    checkProfiles(type, value, run);
  }
  run.scope = outer;
  run.resource = resource;
}

function checkContained(type: string, value: Node, run: Run): void {
  const { scope, resource } = run;
  if (!scope) return;
  if (scope.inside >= 0) {
    run.fault('structure', 'dom-2: a contained resource must not contain another');
    return;
  }
  const meta = isObject(value.meta) ? value.meta : {};
  if (meta.versionId !== undefined || meta.lastUpdated !== undefined) {
    run.violation('invariant', 'dom-4: a contained resource has no meta.versionId and no meta.lastUpdated of its own');
  }
  if (meta.security !== undefined)
    run.violation('invariant', 'dom-5: a contained resource has no security label of its own');
  scope.inside = run.index;
  run.resource = value;
  const { broken } = run;
  checkObject(objectType(type), value, run);
  if (run.broken === broken) checkProfiles(type, value, run);
  scope.inside = -1;
  run.resource = resource;
}

/** ref-1: `#id` names a contained resource, of a type that the definition allows. */
function resolveFragments({ fragments, resource }: Scope, run: Run): void {
  if (fragments.length === 0) return;
  const contained = new Map(list(resource, 'contained').map((inner) => [inner.id, inner.resourceType]));
  for (const pending of fragments) {
    if (contained.has(pending.id)) checkTarget(pending, contained.get(pending.id), run);
    else
      run.report('invariant', `ref-1: there is no contained resource with the id ${quote(pending.id)}`, pending.path);
  }
}

/**
 * In a document what is referred to by a `urn:` is in it (https://hl7.org/fhir/R4/bundle.html#references): nothing else could resolve one
 * later.
 */
function resolveEntries({ carried, resource }: Scope, run: Run): void {
  if (resource.type !== 'document' || carried.length === 0) return;
  const entries = new Map(
    list(resource, 'entry').map((entry) => [entry.fullUrl, child(entry, 'resource')?.resourceType]),
  );
  for (const pending of carried) {
    if (entries.has(pending.id)) checkTarget(pending, entries.get(pending.id), run);
    else run.report('value', `The document has no entry whose fullUrl is ${quote(pending.id)}`, pending.path);
  }
}

function checkTarget({ path, targets }: Pending, type: unknown, run: Run): void {
  if (typeof type !== 'string' || targets.length === 0 || targets.includes(type)) return;
  run.report('value', `A ${type} is not allowed here; allowed: ${targets.join(', ')}`, path);
}

/** dom-3: each contained resource is referred to from the resource, or refers to it. Ids are unique, or `#id` would have no meaning. */
function checkMentions(scope: Scope, run: Run): void {
  const ids = new Set<unknown>();
  list(scope.resource, 'contained').forEach((resource, i) => {
    run.enter('contained');
    run.enter(i);
    if (resource.id !== undefined && ids.has(resource.id))
      run.violation('invariant', 'Two contained resources have the same id');
    ids.add(resource.id);
    if (!scope.mentioned.has(String(resource.id)) && !scope.selfish.has(i)) {
      run.violation('invariant', 'dom-3: nothing in the resource refers to this contained resource by #id');
    }
    run.leave();
    run.leave();
  });
}
