/**
 * SQL: whether a certificate is that of a living terminal of an institution at the statement's start.
 *
 * @param sha256       expression of the certificate's SHA-256 in base64url; false where it is NULL
 * @param institution  expression of the institution's rid
 */
export const isLivingTerminal = (sha256: string, institution: string): string =>
  `EXISTS (SELECT FROM terminal tm WHERE tm.sha256 = ${sha256} AND tm.institution = ${institution}
    AND tm.active AND tm.revoked_at IS NULL AND tm.not_before <= now() AND now() < tm.not_after)`;
