/** Which certificates a revocation list is of (RFC 5280 §5.2.5, §6.3.3 (b)). */
import type { Certificate } from './certificate.ts';
import type { Crl } from './crl.ts';
import type { DistributionPoint, GeneralName } from './extensions.ts';
import { sameGeneralName } from './generalname.ts';
import { sameName } from './names.ts';

/** `some reasons`: it can show a revocation, not that there is none. */
export type CrlScope = 'out' | 'some reasons' | 'all reasons';

/** Of a list by the certificate's issuer. */
export function scopeOf({ issuingDistributionPoint }: Crl, certificate: Certificate): CrlScope {
  if (issuingDistributionPoint === undefined) return 'all reasons';
  const { names, onlySomeReasons, ...only } = issuingDistributionPoint;
  const isCa = certificate.known.basicConstraints?.ca === true;
  if (only.onlyContainsAttributeCerts || (isCa ? only.onlyContainsUserCerts : only.onlyContainsCACerts)) return 'out';
  const points = names.length === 0 ? [WHOLE] : matchingPoints(names, certificate);
  if (points.length === 0) return 'out';
  return onlySomeReasons || points.every(({ someReasons }) => someReasons) ? 'some reasons' : 'all reasons';
}

const WHOLE: DistributionPoint = Object.freeze({ names: [], someReasons: false, crlIssuer: [] });

/** The certificate's distribution points that are the list's; without any, the point is the issuer's own name. */
function matchingPoints(names: readonly GeneralName[], { issuer, known }: Certificate): readonly DistributionPoint[] {
  const own: GeneralName = { kind: 'directoryName', name: issuer };
  const points = known.crlDistributionPoints ?? [{ ...WHOLE, crlIssuer: [own] }];
  return points.filter((point) => {
    const isOwn =
      point.crlIssuer.length === 0 || point.crlIssuer.some((other) => 'name' in other && sameName(other.name, issuer));
    const pointNames = point.names.length === 0 ? point.crlIssuer : point.names;
    return isOwn && pointNames.some((left) => names.some((right) => sameGeneralName(left, right)));
  });
}
