import type { Command, Group } from './command.ts';
import { contracts } from './commands/contracts.ts';
import { institutions } from './commands/institutions.ts';
import { notices } from './commands/notices.ts';
import { people } from './commands/people.ts';
import { privacy } from './commands/privacy.ts';
import { signers } from './commands/signers.ts';
import { standing } from './commands/standing.ts';
import { systems } from './commands/systems.ts';

/** All that administrators and the operator do at a command line, in the order in which help shows it. */
export const GROUPS: readonly Group[] = Object.freeze([
  institutions,
  contracts,
  people,
  systems,
  standing,
  notices,
  privacy,
  signers,
]);

export const COMMANDS: readonly Command[] = Object.freeze(GROUPS.flatMap(({ commands }) => commands));
