import type { Reason } from '../../../src/pki/crl.ts';
import { type CrlEntryParts, type CrlParts, issueCrl } from '../../../src/pki/issue.ts';
import { authorities } from './authorities.ts';
import type { Member } from './authority.ts';
import { signers } from './signers.ts';
import { stampers } from './stampers.ts';
import { DAY, SIGNED_AT } from './times.ts';

export interface Revoked {
  readonly issuer: Member;
  readonly member: Member;
  readonly date: number;
  readonly reason?: Reason;
  readonly invalidityDate?: number;
}

/** Who was revoked by whom, and when. */
export const REVOKED: readonly (() => Revoked)[] = [
  () => ({ issuer: authorities.signing, member: signers.revoked, date: SIGNED_AT - 30 * DAY, reason: 'keyCompromise' }),
  () => ({ issuer: authorities.signing, member: signers.revokedLater, date: SIGNED_AT + DAY, reason: 'superseded' }),
  () => ({
    issuer: authorities.signing,
    member: signers.stolenBefore,
    date: SIGNED_AT + DAY,
    reason: 'keyCompromise',
    invalidityDate: SIGNED_AT - DAY,
  }),
  () => ({ issuer: authorities.root, member: authorities.revoked, date: SIGNED_AT - 30 * DAY, reason: 'cACompromise' }),
  () => ({ issuer: authorities.timestampRoot, member: stampers.revoked, date: SIGNED_AT - 30 * DAY }),
  () => ({
    issuer: authorities.timestampRoot,
    member: stampers.compromised,
    date: SIGNED_AT + 30 * DAY,
    reason: 'keyCompromise',
  }),
  () => ({
    issuer: authorities.timestampRoot,
    member: stampers.superseded,
    date: SIGNED_AT + 30 * DAY,
    reason: 'superseded',
  }),
];

/** Authorities of which there are lists. */
export const PUBLISHERS: readonly (() => Member)[] = [
  () => authorities.root,
  () => authorities.signing,
  () => authorities.secondSigning,
  () => authorities.authentication,
  () => authorities.revoked,
  () => authorities.timestampRoot,
  () => authorities.otherRoot,
  () => authorities.otherSigning,
];

/** The list that the authority publishes at a time, for three days; `parts` are laid over it. */
export function crlOf(issuer: Member, thisUpdate: number, parts: Partial<CrlParts> = {}): Uint8Array {
  const entries = REVOKED.map((revoked) => revoked())
    .filter((revoked) => revoked.issuer === issuer && revoked.date <= thisUpdate)
    .map(
      ({ member, date, reason, invalidityDate }): CrlEntryParts => ({
        serial: member.x509.serial,
        revocationDate: date,
        ...(reason && { reason }),
        ...(invalidityDate !== undefined && { invalidityDate }),
      }),
    );
  return issueCrl({
    issuer: { key: issuer.key, certificate: issuer.x509 },
    thisUpdate,
    nextUpdate: thisUpdate + 3 * DAY,
    entries,
    ...parts,
  });
}

const published = new Map<number, readonly Uint8Array[]>();

/** What all authorities publish at a time. */
export function listsAt(thisUpdate: number): readonly Uint8Array[] {
  const known = published.get(thisUpdate) ?? PUBLISHERS.map((publisher) => crlOf(publisher(), thisUpdate));
  published.set(thisUpdate, known);
  return known;
}
