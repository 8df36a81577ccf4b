import { createHash } from 'node:crypto';
import type { Trust, Verdict, VerificationInput } from './verdict.ts';

/** SHA-256, hex. */
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

type Digests<T> = { readonly [K in keyof T]: T[K] extends readonly Uint8Array[] ? readonly string[] : T[K] };

/** A verification as it is kept: all that went in and all that came out, bytes by their SHA-256. */
export interface VerificationRecord {
  readonly input: {
    readonly submitted: string;
    readonly issued: string | null;
    readonly trust: Digests<Trust>;
    readonly roles: readonly string[];
    readonly now: number;
  };
  readonly verdict: Omit<Verdict, 'evidence'> & {
    readonly evidence: {
      readonly certificates: readonly string[];
      readonly crls: readonly string[];
      readonly timestamp?: string;
    };
  };
}

const LISTS = ['anchors', 'intermediates', 'timestampAnchors', 'timestampIntermediates', 'crls'] as const;

/** The record of a verification, and what it stands on by SHA-256, without the files themselves. */
export function recordOf(
  input: VerificationInput,
  verdict: Verdict,
): { readonly record: VerificationRecord; readonly items: ReadonlyMap<string, Uint8Array> } {
  const items = new Map<string, Uint8Array>();
  const keep = (bytes: Uint8Array) => {
    const digest = sha256(bytes);
    items.set(digest, bytes);
    return digest;
  };
  const lists = Object.fromEntries(LISTS.map((name) => [name, input.trust[name].map(keep)]));
  const { certificates, crls, timestamp } = verdict.evidence;
  return {
    items,
    record: {
      input: {
        submitted: sha256(input.submitted),
        issued: input.issued ? sha256(input.issued) : null,
        trust: { ...input.trust, ...lists } as unknown as Digests<Trust>,
        roles: input.roles,
        now: input.now,
      },
      verdict: {
        ...verdict,
        evidence: {
          certificates: certificates.map(keep),
          crls: crls.map(keep),
          ...(timestamp && { timestamp: keep(timestamp) }),
        },
      },
    },
  };
}

/** SHA-256 of all that the verification needs to be repeated. */
export function neededFor({ input }: VerificationRecord): string[] {
  const lists = LISTS.flatMap((name) => input.trust[name]);
  return [...new Set([input.submitted, ...(input.issued === null ? [] : [input.issued]), ...lists])];
}

/** The input as it was, from what is kept; undefined where something is missing. */
export function inputOf(
  { input }: VerificationRecord,
  kept: ReadonlyMap<string, Uint8Array>,
): VerificationInput | undefined {
  const whole = (digests: readonly string[]) => digests.flatMap((digest) => kept.get(digest) ?? []);
  const submitted = kept.get(input.submitted);
  const issued = input.issued === null ? undefined : kept.get(input.issued);
  const trust = { ...input.trust, ...Object.fromEntries(LISTS.map((name) => [name, whole(input.trust[name])])) };
  const complete = LISTS.every((name) => input.trust[name].every((digest) => kept.has(digest)));
  if (!submitted || (input.issued !== null && !issued) || !complete) return undefined;
  return { submitted, issued, trust: trust as unknown as Trust, roles: input.roles, now: input.now };
}
