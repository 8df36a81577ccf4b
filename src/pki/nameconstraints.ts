/** Name constraints (RFC 5280 §4.2.1.10, §6.1.3 (b), (c)), of directory names; a constraint of another form excludes every name of it. */
import type { Certificate } from './certificate.ts';
import type { GeneralName, GeneralNameKind, NameConstraints } from './extensions.ts';
import { ATTRIBUTE_TYPES, isEmptyName, isWithin, type Name } from './names.ts';

/** What is wrong, or undefined. */
export function nameFault(certificate: Certificate, constraints: NameConstraints): string | undefined {
  const { subject, known } = certificate;
  const alternatives = known.subjectAltName ?? [];
  const names = [
    ...(isEmptyName(subject) ? [] : [subject]),
    ...alternatives.flatMap((alternative) => ('name' in alternative ? [alternative.name] : [])),
  ];
  const kinds = new Set<GeneralNameKind>(alternatives.map(({ kind }) => kind));
  if (subject.rdns.flat().some(({ type }) => type === ATTRIBUTE_TYPES.emailAddress)) kinds.add('email');
  const other = [...constraints.permitted, ...constraints.excluded].find(
    ({ kind }) => kind !== 'directoryName' && kinds.has(kind),
  );
  if (other !== undefined) return `a constraint of ${other.kind} names, which is not processed`;

  const permitted = directoryNames(constraints.permitted);
  if (permitted.length > 0 && !names.every((name) => permitted.some((base) => isWithin(name, base)))) {
    return 'a name outside of the permitted subtrees';
  }
  const excluded = directoryNames(constraints.excluded);
  return names.some((name) => excluded.some((base) => isWithin(name, base)))
    ? 'a name within an excluded subtree'
    : undefined;
}

const directoryNames = (names: readonly GeneralName[]): readonly Name[] =>
  names.flatMap((name) => ('name' in name ? [name.name] : []));
