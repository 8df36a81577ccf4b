export const SECOND = 1000;
export const HOUR = 3600 * SECOND;
export const DAY = 24 * HOUR;
export const YEAR = 365 * DAY;

/** When the letters of the tests are signed. */
export const SIGNED_AT = Date.UTC(2026, 5, 1, 9);
/** When they are verified, unless a test says otherwise: the lists of that morning are newer than the signature. */
export const VERIFIED_AT = SIGNED_AT + 2 * DAY;
