import { prepareDocumentTimestamp } from '../../../../src/pdf/sign.ts';
import { listsAt } from '../../../support/signature/lists.ts';
import { archiveTimestamp, changeByte } from '../../../support/signature/sign-letter.ts';
import { stampers } from '../../../support/signature/stampers.ts';
import { DAY, HOUR, SIGNED_AT, VERIFIED_AT, YEAR } from '../../../support/signature/times.ts';
import { stampedBy } from '../../../support/signature/timestamp-authority.ts';
import { letter } from '../verify/ask.ts';
import { type Attack, doubted, refuted } from './attack.ts';

const later = (name: keyof typeof stampers = 'next', at = SIGNED_AT + DAY) => stampedBy(stampers[name], { at });
/** Stamped by an authority whose certificate ends in a year, with the lists of its time. */
const ending = (name: keyof typeof stampers = 'ending') =>
  letter({
    timestamp: stampedBy(stampers[name], { at: SIGNED_AT }),
    dss: { certificates: [], crls: listsAt(VERIFIED_AT) },
  });
const afterwards = SIGNED_AT + 2 * YEAR;
const compromised = SIGNED_AT + 60 * DAY;
const knowing = { now: compromised, trust: { crls: [...listsAt(VERIFIED_AT), ...listsAt(compromised - HOUR)] } };

/** Time-stamps on the document, by which a letter would outlive what its first one stood on. */
export const ARCHIVES: readonly Attack[] = [
  refuted(
    'prolongs a time-stamp that ended by an authority that nobody trusts',
    'timestamp ARCHIVE_TST_INVALID',
    async () => ({
      submitted: await archiveTimestamp(await ending(), later('otherRoot')),
      now: afterwards,
    }),
  ),
  refuted('archives with a time-stamp of other bytes', 'timestamp ARCHIVE_TST_INVALID', async () => {
    const other = await later()(Buffer.from('other bytes'));
    return archiveTimestamp(await letter(), later(), { token: () => other });
  }),
  refuted('archives with a time-stamp that is broken', 'timestamp ARCHIVE_TST_INVALID', async () =>
    archiveTimestamp(await letter(), later(), { token: (token) => changeByte(token, -1) }),
  ),
  refuted('archives in the future', 'timestamp ARCHIVE_TST_INVALID', async () =>
    archiveTimestamp(await letter(), later('next', VERIFIED_AT + DAY)),
  ),
  refuted('archives before the signature was made', 'timestamp ARCHIVE_TST_ORDER', async () =>
    archiveTimestamp(await letter(), later('next', SIGNED_AT - DAY)),
  ),
  refuted('archives in the wrong order', 'timestamp ARCHIVE_TST_ORDER', async () => {
    const first = await archiveTimestamp(await letter(), later('next', SIGNED_AT + DAY));
    return archiveTimestamp(first, later('next', SIGNED_AT + HOUR));
  }),
  refuted('leaves some bytes out of the archive time-stamp', 'timestamp ARCHIVE_TST_INVALID', async () =>
    archiveTimestamp(await letter(), later(), { range: ([a, b, c, d]) => [a, b - 9, c, d] }),
  ),
  refuted(
    'archives with nothing',
    'timestamp ARCHIVE_TST_INVALID',
    async () => prepareDocumentTimestamp(await letter()).bytes,
  ),
  doubted('archives too late', 'timestamp TST_EXPIRED', async () => ({
    submitted: await archiveTimestamp(await ending(), later('next', SIGNED_AT + YEAR + DAY)),
    now: afterwards,
  })),
  doubted('archives with an authority whose certificate has ended, too', 'timestamp TST_EXPIRED', async () => ({
    submitted: await archiveTimestamp(await ending(), later('ending', SIGNED_AT + 300 * DAY)),
    now: afterwards,
  })),
  refuted('has a time-stamp of an authority whose key was stolen', 'revocation TSA_COMPROMISED', async () => ({
    submitted: await ending('compromised'),
    ...knowing,
  })),
  refuted('archives that after the key was stolen', 'revocation TSA_COMPROMISED', async () => ({
    submitted: await archiveTimestamp(await ending('compromised'), later('next', SIGNED_AT + 40 * DAY)),
    ...knowing,
  })),
  refuted('archives that with the same stolen key, dated back', 'revocation TSA_COMPROMISED', async () => ({
    submitted: await archiveTimestamp(await ending('compromised'), later('compromised', SIGNED_AT + DAY)),
    ...knowing,
  })),
  refuted('changes the letter of an archived file', 'issued-bytes WRONG_DOCUMENT', async () => {
    const archived = await archiveTimestamp(await letter(), later());
    return changeByte(archived, Buffer.from(archived).indexOf('Referral'));
  }),
  refuted('changes a list of an archived file', 'timestamp ARCHIVE_TST_INVALID', async () => {
    const archived = await archiveTimestamp(await ending(), later());
    return changeByte(archived, Buffer.from(archived).lastIndexOf('\nendstream') - 5);
  }),
];
