/** The profiles of ours that a resource claims in meta.profile. Any other profile is taken note of by nobody: a hospital's data load as they are. */
import { ownDefinitions, withoutVersion } from '../../../definitions/index.ts';
import { values } from '../invariants/nodes.ts';
import type { Node, Run } from '../run.ts';
import { checkProfile } from './check.ts';
import { compileProfile, type Profile, type StructureDefinition } from './compile.ts';

let compiled: ReadonlyMap<string, Profile> | undefined;

function profiles(): ReadonlyMap<string, Profile> {
  compiled ??= new Map(
    ownDefinitions()
      .filter((d) => (d as { resourceType?: string }).resourceType === 'StructureDefinition')
      .map((d) => compileProfile(d as unknown as StructureDefinition))
      .map((profile) => [profile.url, profile]),
  );
  return compiled;
}

/** Holds a resource to the profiles of ours that it claims. Its structure is right; the run stands at it. */
export function checkProfiles(type: string, resource: Node, run: Run): void {
  const { meta } = resource as { meta?: Node };
  if (meta?.profile === undefined) return;
  for (const url of new Set(values(meta, 'profile').map(withoutVersion))) {
    const profile = profiles().get(url);
    if (!profile) continue;
    if (profile.type === type) checkProfile(profile, resource, run);
    else run.violation('value', `The profile ${profile.name} is for ${profile.type}; take it out of meta.profile`);
  }
}
