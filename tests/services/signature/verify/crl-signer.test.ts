import { addDss } from '../../../../src/pdf/dss.ts';
import { examine } from '../../../../src/pdf/examine.ts';
import { authorities } from '../../../support/signature/authorities.ts';
import { authority } from '../../../support/signature/authority.ts';
import { crlOf, PUBLISHERS } from '../../../support/signature/lists.ts';
import { HOUR, VERIFIED_AT } from '../../../support/signature/times.ts';
import { ISSUED, judge, letter, told } from './ask.ts';

/** The signing authority has another key for its lists, under its own name. */
const lister = authority('signs lists', authorities.root, {
  subject: [
    ['C', 'JP'],
    ['O', 'Tests'],
    ['CN', 'HPKI-01-TestSignCA-forNonRepudiation'],
  ],
  extensions: { keyUsage: ['cRLSign'], basicConstraints: undefined },
});
const at = VERIFIED_AT - HOUR;
const crls = PUBLISHERS.map((publisher) => crlOf(publisher() === authorities.signing ? lister : publisher(), at));
const intermediates = [authorities.signing.certificate];
const has = (list: readonly Uint8Array[], one: Uint8Array) => list.some((other) => Buffer.from(other).equals(one));

describe('lists that an authority has signed by another', () => {
  it('are evidence together with who signed them, and go into the file with them', async () => {
    const signed = await letter();
    expect(told(judge(signed, { trust: { crls, intermediates } }))).toHaveProperty('revocation');
    const verdict = judge(signed, { trust: { crls, intermediates: [...intermediates, lister.certificate] } });
    expect([verdict.result, told(verdict)]).toEqual(['VALID', {}]);
    expect(has(verdict.evidence.certificates, lister.certificate)).toBe(true);
    for (const list of [crls[0], crls[1]]) expect(has(verdict.evidence.crls, list as Uint8Array)).toBe(true);

    // Years later nobody configures either any more: the file brings what proves it.
    const preserved = addDss(signed, verdict.evidence);
    expect(examine(preserved, ISSUED).dss[0]?.certs.length).toBe(verdict.evidence.certificates.length);
    const later = judge(preserved, { trust: { crls: [], intermediates } });
    expect([later.result, told(later)]).toEqual(['VALID', {}]);
  });

  it('are nothing, brought with a signer by whom they may not be signed', async () => {
    const signed = await letter();
    const genuine = judge(signed, { trust: { crls, intermediates: [...intermediates, lister.certificate] } });
    for (const issuer of [authorities.otherRoot, authorities.falseRoot]) {
      const forged = authority('signs lists, forged', issuer, {
        subject: [
          ['C', 'JP'],
          ['O', 'Tests'],
          ['CN', 'HPKI-01-TestSignCA-forNonRepudiation'],
        ],
        extensions: { keyUsage: ['cRLSign'], basicConstraints: undefined },
      });
      const evidence = {
        certificates: [
          ...genuine.evidence.certificates.filter((one) => !has([lister.certificate], one)),
          forged.certificate,
        ],
        crls: crls.map((_, i) => crlOf(PUBLISHERS[i]?.() === authorities.signing ? forged : PUBLISHERS[i]!(), at)),
      };
      const verdict = judge(addDss(signed, evidence), { trust: { crls: [], intermediates } });
      expect([verdict.result, told(verdict).revocation]).toEqual([
        'INDETERMINATE',
        expect.stringMatching(/^undecided CRL_(SIGN_MISSING|SIGNATURE_WRONG)/),
      ]);
    }
  });
});
