import { ALGORITHMS } from './algorithms.ts';
import { ARCHIVES } from './archive.ts';
import type { Attack } from './attack.ts';
import { CMS } from './cms.ts';
import { COSTS } from './cost.ts';
import { LETTERS } from './letter.ts';
import { PATHS } from './path.ts';
import { REVOCATIONS } from './revocation.ts';
import { ROLES } from './role.ts';
import { TIMESTAMPS } from './timestamp.ts';

/** By what is attacked. */
export const ATTACKS: Readonly<Record<string, readonly Attack[]>> = Object.freeze({
  letter: LETTERS,
  signature: CMS,
  algorithm: ALGORITHMS,
  certificate: PATHS,
  role: ROLES,
  'time-stamp': TIMESTAMPS,
  archive: ARCHIVES,
  revocation: REVOCATIONS,
  cost: COSTS,
});
