import { sameName } from '../../../pki/names.ts';
import type { Authority, KnownCertificate } from './authority.ts';
import { HPKI_AUTHENTICATION, HPKI_TEST_SIGNATURE } from './configuration.ts';
import { type Finding, found } from './findings.ts';
import type { SignedList } from './list.ts';
import type { Loaded } from './load.ts';
import { ended } from './schedule.ts';
import type { HeldPlace, TrustStatus } from './store.ts';

const DAY = 86_400_000;

/** hcRole strings that were read in published certificates; any other is as the standard or a guess has it (docs/trust.md). */
const CONFIRMED_ROLES: ReadonlySet<string> = new Set(['Medical Doctor', 'Pharmacist']);

/** What there is to say of what is trusted, the worst first. */
export function examine({ reading, places }: TrustStatus, directory: string, now: number): readonly Finding[] {
  if (reading === 'absent') return [found.nothing(undefined, directory)];
  if (reading instanceof Error)
    return reading.mistakes.map(({ file, path, words }) => found.mistake(undefined, `${file} ${path}:`, words));
  const findings = [
    ...ofFile(reading),
    ...[...reading.issuers, ...reading.timestampAuthorities].flatMap((authority) =>
      ofAuthority(
        authority,
        places.filter(({ url }) => authority.urls.some((one) => one.url === url)),
        reading.file.warnDays,
        now,
      ),
    ),
  ];
  const order = ['error', 'warning', 'note'];
  return findings.toSorted((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}

function ofFile({ file }: Loaded): Finding[] {
  const { environment, issuers, timestampAuthorities, policies, refusedPolicies, roles } = file;
  const refused = (oid: string) => refusedPolicies.some((one) => oid === one || oid.startsWith(`${one}.`));
  const unconfirmed = new Set([...roles.medical, ...roles.dental]).difference(CONFIRMED_ROLES);
  return [
    ...(issuers.length === 0 ? [found.noIssuer(undefined)] : []),
    ...(timestampAuthorities.length === 0 ? [found.noAuthority(undefined)] : []),
    ...(timestampAuthorities.some(({ url }) => url) ? [] : [found.noService(undefined)]),
    ...policies.filter(refused).map((oid) => found.policyRefused(undefined, oid)),
    ...(refused(HPKI_AUTHENTICATION) ? [] : [found.authenticationTaken(undefined, HPKI_AUTHENTICATION)]),
    ...(environment !== 'production' || refused(HPKI_TEST_SIGNATURE)
      ? []
      : [found.testTaken(undefined, HPKI_TEST_SIGNATURE)]),
    ...[...unconfirmed].map((role) => found.roleUnconfirmed(undefined, role)),
  ];
}

function ofAuthority(authority: Authority, places: readonly HeldPlace[], warnDays: number, now: number): Finding[] {
  const { name, certificates, lists } = authority;
  const all = [...lists.flatMap(({ list }) => list ?? []), ...places.flatMap(({ list }) => list ?? [])];
  const complete = places.every(({ list }) => list) && lists.every(({ list }) => list);
  return [
    ...certificates.flatMap((one) => ofCertificate(one, authority, warnDays, now)),
    ...lists.flatMap(({ file, list, mistake }) => [
      ...(mistake ? [found.listMistake(name, file, mistake)] : []),
      ...(list ? ofFileList(file, list, authority, now) : []),
    ]),
    ...places.flatMap((place) => ofPlace(place, authority, now)),
    ...(complete ? certificates.filter((one) => needsList(one, all, now)) : []).map(({ subject }) =>
      found.noList(name, subject),
    ),
  ];
}

function ofCertificate(one: KnownCertificate, authority: Authority, warnDays: number, now: number): Finding[] {
  const { use, file, certificate } = one;
  const { notBefore, notAfter } = certificate;
  const { name } = authority;
  if (use === 'retired') return [];
  if (now < notBefore) return [found.notYet(name, file, notBefore)];
  if (now > notAfter) {
    if (use === 'anchors') return [found.anchorEnded(name, file, notAfter)];
    return hasSuccessor(one, authority, now) ? [] : [found.ended(name, file, notAfter)];
  }
  const days = Math.floor((notAfter - now) / DAY);
  const soon = days < warnDays && !hasSuccessor(one, authority, notAfter);
  return soon ? [found.endsSoon(name, file, notAfter, days)] : [];
}

/** Another certificate of the same name and use is there, which outlives that time: nothing is left to do. */
const hasSuccessor = (one: KnownCertificate, { certificates }: Authority, at: number): boolean =>
  certificates.some(
    (other) =>
      other.use === one.use &&
      other.certificate.notAfter > at &&
      sameName(other.certificate.subject, one.certificate.subject),
  );

function ofFileList(file: string, list: SignedList, { name }: Authority, now: number): Finding[] {
  if (ended(list, now)) return [found.listEnded(name, file, list.nextUpdate)];
  const left = list.nextUpdate - now;
  return left < Math.max(DAY, (list.nextUpdate - list.thisUpdate) / 10)
    ? [found.listEndsSoon(name, file, list.nextUpdate)]
    : [];
}

function ofPlace({ url, source, list }: HeldPlace, { name }: Authority, now: number): Finding[] {
  if (!source) return [found.listUnasked(name, url)];
  if (!list) {
    const reason = source.crl
      ? 'the list that is here was signed by no certificate of this authority'
      : 'not yet asked';
    return [found.listMissing(name, url, source.failure ?? reason)];
  }
  if (ended(list, now)) return [found.listEnded(name, url, list.nextUpdate)];
  return source.failure ? [found.listFailing(name, url, source.failures, source.failure)] : [];
}

/** It issues certificates now, and nobody can say which of them are revoked. */
const needsList = ({ use, certificate }: KnownCertificate, lists: readonly SignedList[], now: number): boolean =>
  use !== 'retired' &&
  now <= certificate.notAfter &&
  !lists.some(({ signedBy }) => sameName(signedBy.subject, certificate.subject));
