/** Signatures in CMS (RFC 5652, ETSI EN 319 122-1): reading one, verifying one against a certificate's key, making one. */
export * from './attributes.ts';
export * from './cmswriter.ts';
export * from './signature.ts';
export * from './signeddata.ts';
