import type { Trust } from '../verdict.ts';
import type { Authority, KnownCertificate } from './authority.ts';
import type { SignedList } from './list.ts';
import type { Loaded } from './load.ts';
import type { Words } from './mistake.ts';
import { authoritiesOf } from './places.ts';

/** Kinds of letters, each with the hcRole strings that may sign it. */
export interface Roles {
  readonly medical: readonly string[];
  readonly dental: readonly string[];
}

/** A time-stamp authority that may be asked for time-stamps of our own. */
export interface TimestampService {
  readonly name: Words;
  readonly url: string;
  /** Object identifier of the policy that is asked for. */
  readonly policy: string | undefined;
  /** Whether the URL may lead to a machine of the operator's own. */
  readonly allowPrivate: boolean;
}

/** What is trusted now: one consistent value; a verification takes it once and uses it throughout. */
export interface CurrentTrust {
  readonly trust: Trust;
  /** `production`, `test` … as trust.json says; `none` where nothing is configured. */
  readonly environment: string;
  readonly roles: Roles;
  /** In the order in which they are to be asked. */
  readonly timestampServices: readonly TimestampService[];
}

export const NOTHING_TRUSTED: CurrentTrust = Object.freeze({
  trust: Object.freeze({
    anchors: [],
    intermediates: [],
    timestampAnchors: [],
    timestampIntermediates: [],
    crls: [],
    policies: [],
    refusedPolicies: [],
  }),
  environment: 'none',
  roles: Object.freeze({ medical: [], dental: [] }),
  timestampServices: [],
});

/** An anchor that has ended counts only where the operator has put it among the retired ones. */
export const isTrusted = ({ use, certificate }: KnownCertificate, now: number): boolean =>
  use === 'retired' || (use === 'anchors' && certificate.notBefore <= now && now <= certificate.notAfter);

export function composeTrust(loaded: Loaded, fetched: readonly SignedList[], now: number): CurrentTrust {
  const { file, issuers, timestampAuthorities } = loaded;
  const anchors = (of: readonly Authority[]) => ders(of, (one) => isTrusted(one, now));
  const intermediates = (of: readonly Authority[]) => ders(of, ({ use }) => use === 'intermediates');
  const lists = [...authoritiesOf(loaded).flatMap((one) => one.lists.flatMap(({ list }) => list ?? [])), ...fetched];
  return {
    trust: {
      anchors: anchors(issuers),
      intermediates: intermediates(issuers),
      timestampAnchors: anchors(timestampAuthorities),
      timestampIntermediates: intermediates(timestampAuthorities),
      crls: distinct(lists),
      policies: file.policies,
      refusedPolicies: file.refusedPolicies,
    },
    environment: file.environment,
    roles: file.roles,
    timestampServices: file.timestampAuthorities.flatMap(({ name, url, policy, allowPrivate }) =>
      url === undefined ? [] : [{ name, url, policy, allowPrivate }],
    ),
  };
}

const ders = (of: readonly Authority[], which: (one: KnownCertificate) => boolean): Uint8Array[] =>
  distinct(of.flatMap(({ certificates }) => certificates.filter(which)));

/** Each once, though several authorities name it. */
const distinct = (of: readonly { readonly sha256: string; readonly der: Uint8Array }[]): Uint8Array[] => [
  ...new Map(of.map(({ sha256, der }) => [sha256, der])).values(),
];
