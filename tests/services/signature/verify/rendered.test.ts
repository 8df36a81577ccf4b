import { renderLetter } from '../../../../src/services/signature/letter/render.ts';
import { listsAt } from '../../../support/signature/lists.ts';
import { archiveTimestamp, changeByte } from '../../../support/signature/sign-letter.ts';
import { signers } from '../../../support/signature/signers.ts';
import { stampers } from '../../../support/signature/stampers.ts';
import { DAY, SIGNED_AT } from '../../../support/signature/times.ts';
import { stampedBy } from '../../../support/signature/timestamp-authority.ts';
import { bytes, fullLetter, longLetter } from '../letter/letters.ts';
import { judge, letter, told } from './ask.ts';

describe('a letter as the house renders it', () => {
  it.each([
    ['in full', fullLetter],
    ['over many pages', longLetter],
  ])('is VALID when signed, with its lists, and archived: %s', async (_, make) => {
    const issued = await renderLetter({ document: bytes(make()), issuedAt: SIGNED_AT - DAY });
    const dss = { certificates: [], crls: listsAt(SIGNED_AT + DAY) };
    const signed = await letter({ pdf: issued, signer: signers.doctorRsa, dss });
    const archived = await archiveTimestamp(signed, stampedBy(stampers.next, { at: SIGNED_AT + DAY }));
    for (const submitted of [signed, archived]) {
      const verdict = judge(submitted, { issued });
      expect(told(verdict)).toEqual({});
      expect(verdict.result).toBe('VALID');
    }
    const changed = judge(changeByte(signed, Math.floor(issued.length / 2)), { issued });
    expect(told(changed)).toMatchObject({
      'issued-bytes': 'failed WRONG_DOCUMENT',
      'message-digest': 'failed DIGEST_MISMATCH',
    });
  });
});
