import type { Authority, Use } from './authority.ts';
import { examine } from './examine.ts';
import type { Finding } from './findings.ts';
import type { SignedList } from './list.ts';
import type { Words } from './mistake.ts';
import type { HeldPlace, TrustStatus } from './store.ts';

/** What `tasuki trust check` found, as `--json` prints it. Instants are ISO 8601, digests SHA-256 in hex. */
export interface Report {
  /** The worst level of a finding; `ok` where there is none but notes. */
  readonly result: 'ok' | 'warning' | 'error';
  readonly directory: string;
  readonly at: string;
  /** Null where trust.json cannot be read. */
  readonly environment: string | null;
  readonly policies: readonly string[];
  readonly refusedPolicies: readonly string[];
  readonly roles: Readonly<Record<string, readonly string[]>>;
  readonly authorities: readonly ReportedAuthority[];
  readonly findings: readonly Finding[];
}

export interface ReportedAuthority {
  readonly kind: 'issuer' | 'timestamp-authority';
  readonly name: Words;
  readonly certificates: readonly ReportedCertificate[];
  readonly lists: readonly ReportedList[];
}

export interface ReportedCertificate {
  readonly use: Use;
  readonly file: string;
  readonly subject: string;
  readonly serial: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** Whole days; negative after the end. */
  readonly daysLeft: number;
  readonly sha256: string;
}

export interface ReportedList {
  readonly place: string;
  /** Null where there is none. */
  readonly list: {
    readonly issuer: string;
    readonly number: string | null;
    readonly thisUpdate: string;
    readonly nextUpdate: string;
    readonly revoked: number;
    readonly sha256: string;
    /** Subject and SHA-256 of the certificate whose key has signed it. */
    readonly signedBy: string;
  } | null;
  /** When the place last answered well; null for files and places that never did. */
  readonly checkedAt: string | null;
  readonly failure: string | null;
}

export function makeReport(status: TrustStatus, directory: string, now: number): Report {
  const findings = examine(status, directory, now);
  const { reading, places } = status;
  const loaded = reading === 'absent' || reading instanceof Error ? undefined : reading;
  const reported = (kind: ReportedAuthority['kind']) => (authority: Authority) =>
    reportAuthority(kind, authority, places, now);
  return {
    result: worst(findings),
    directory,
    at: iso(now),
    environment: loaded?.file.environment ?? null,
    policies: loaded?.file.policies ?? [],
    refusedPolicies: loaded?.file.refusedPolicies ?? [],
    roles: loaded ? { ...loaded.file.roles } : {},
    authorities: [
      ...(loaded?.issuers.map(reported('issuer')) ?? []),
      ...(loaded?.timestampAuthorities.map(reported('timestamp-authority')) ?? []),
    ],
    findings,
  };
}

const worst = (findings: readonly Finding[]): Report['result'] =>
  findings.some(({ level }) => level === 'error')
    ? 'error'
    : findings.some(({ level }) => level === 'warning')
      ? 'warning'
      : 'ok';

function reportAuthority(
  kind: ReportedAuthority['kind'],
  { name, certificates, lists, urls }: Authority,
  places: readonly HeldPlace[],
  now: number,
): ReportedAuthority {
  const subjects = new Map(certificates.map((one) => [one.certificate, `${one.subject} ${one.sha256}`]));
  const listed = (list: SignedList | undefined): ReportedList['list'] =>
    list
      ? {
          issuer: list.issuer,
          number: list.number === null ? null : String(list.number),
          thisUpdate: iso(list.thisUpdate),
          nextUpdate: iso(list.nextUpdate),
          revoked: list.size,
          sha256: list.sha256,
          signedBy: subjects.get(list.signedBy) ?? list.issuer,
        }
      : null;
  return {
    kind,
    name,
    certificates: certificates.map(({ use, file, subject, sha256, certificate }) => ({
      use,
      file,
      subject,
      serial: certificate.serialHex,
      notBefore: iso(certificate.notBefore),
      notAfter: iso(certificate.notAfter),
      daysLeft: Math.floor((certificate.notAfter - now) / 86_400_000),
      sha256,
    })),
    lists: [
      ...lists.map(({ file, list, mistake }) => ({
        place: file,
        list: listed(list),
        checkedAt: null,
        failure: mistake?.en ?? null,
      })),
      ...urls.map(({ url }) => {
        const place = places.find((one) => one.url === url);
        const checkedAt = place?.source?.checkedAt ?? null;
        return {
          place: url,
          list: listed(place?.list),
          checkedAt: checkedAt === null ? null : iso(checkedAt),
          failure: place?.source?.failure ?? null,
        };
      }),
    ],
  };
}

const iso = (at: number): string => new Date(at).toISOString();
