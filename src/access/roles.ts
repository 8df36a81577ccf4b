import { type PolicyClass, policyClass } from './policy.ts';

/**
 * What people may do by their role in their institution. A person's rights are those of all roles together; they narrow what the institution
 * may, and never widen it. Systems have no role: their scopes say what they may.
 */
export const PERSON_ROLES = [
  'physician',
  'nurse',
  'technologist',
  'pharmacist',
  'coordinator', // 地域連携室
  'care-manager',
  'clerk',
  'administrator', // of the institution: its people, systems and terminals; no patients
  'read-only',
  'operator', // of the service, among the operator's own people
] as const;

export type PersonRole = (typeof PERSON_ROLES)[number];

interface Right {
  /** Policy classes, a letter each. */
  readonly classes: string;
  /** Types beyond the classes. */
  readonly types?: readonly string[];
}

interface Rights {
  readonly read: Right;
  readonly write: Right;
}

/** Types of the clinical class that stand at a reception desk. */
const RECEPTION = ['Patient', 'Coverage', 'Encounter', 'RelatedPerson', 'Person', 'Account'];

const CARE: Rights = { read: { classes: 'fdswcka' }, write: { classes: 'swc' } };

const RIGHTS: Readonly<Record<PersonRole, Rights>> = {
  physician: CARE,
  nurse: CARE,
  technologist: CARE,
  pharmacist: CARE,
  coordinator: { read: { classes: 'fdswckao' }, write: { classes: 'swcd' } },
  'care-manager': CARE,
  clerk: {
    read: { classes: 'fdsw', types: RECEPTION },
    write: { classes: 'w', types: ['Patient', 'Coverage', 'Encounter', 'RelatedPerson'] },
  },
  administrator: { read: { classes: 'fdoa' }, write: { classes: 'do' } },
  'read-only': { read: { classes: 'fdswck' }, write: { classes: '' } },
  operator: { read: { classes: 'fdswckao' }, write: { classes: 'fdwo' } },
};

const allows = (right: Right, type: string, policy: PolicyClass) =>
  right.classes.includes(policy) || (right.types?.includes(type) ?? false);

/** Whether one of these roles may read (search, include, chain through) resources of the type. */
export function rolesRead(roles: readonly PersonRole[], type: string): boolean {
  const policy = policyClass(type);
  return policy !== 'x' && roles.some((role) => allows(RIGHTS[role].read, type, policy));
}

/** Whether one of these roles may create, change or delete resources of the type. */
export function rolesWrite(roles: readonly PersonRole[], type: string): boolean {
  const policy = policyClass(type);
  return policy !== 'x' && roles.some((role) => allows(RIGHTS[role].write, type, policy));
}

export function isPersonRole(text: unknown): text is PersonRole {
  return PERSON_ROLES.some((role) => role === text);
}
