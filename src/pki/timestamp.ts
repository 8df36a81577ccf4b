/** Time-stamps of RFC 3161 (and RFC 5816): asking for one, answering, reading and verifying what was answered. */
export * from './timestampauthority.ts';
export * from './timestampexchange.ts';
export * from './timestamptoken.ts';
