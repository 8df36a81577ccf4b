import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { examine } from '../../../../src/pdf/examine.ts';
import { readSignedData, timestampTokensOf, trimPadding } from '../../../../src/pki/cms.ts';
import { authorities } from '../../../support/signature/authorities.ts';
import { stamperOf } from '../../../support/signature/authority.ts';
import { listsAt } from '../../../support/signature/lists.ts';
import { hasOpenssl, inFolder, pem, stampedByOpenssl } from '../../../support/signature/openssl.ts';
import { HOUR, YEAR } from '../../../support/signature/times.ts';
import { ISSUED, judge, letter, stamp, told } from './ask.ts';

const when = hasOpenssl ? describe : describe.skip;

when('time-stamps and OpenSSL', () => {
  it('agree on one of ours', () =>
    inFolder(async (path) => {
      const { signature } = examine(await letter(), ISSUED);
      const [signer] = readSignedData(trimPadding(signature!.contents)).signers;
      writeFileSync(path('token'), timestampTokensOf(signer!)[0]!);
      writeFileSync(path('data'), signer!.signature);
      writeFileSync(path('root.pem'), pem(authorities.timestampRoot.certificate));
      const options = ['-token_in', '-in', path('token'), '-data', path('data'), '-CAfile', path('root.pem')];
      const said = execFileSync('openssl', ['ts', '-verify', ...options], { stdio: 'pipe' }).toString();
      expect(said).toContain('Verification: OK');
    }));

  it('agree on one of theirs, made now', async () => {
    const now = Date.now();
    const authority = stamperOf('TESTS TSU by OpenSSL', authorities.timestampRoot, {
      kind: 'rsa-2048',
      notBefore: now - YEAR,
      notAfter: now + YEAR,
    });
    const submitted = await letter({ timestamp: stampedByOpenssl(authority) });
    const verdict = judge(submitted, { now: Date.now(), trust: { crls: listsAt(Date.now() - HOUR) } });
    expect(told(verdict).timestamp).toBeUndefined();
    expect(told(verdict)).toEqual({ revocation: 'noted REVOCATION_PENDING' });
    expect(verdict.result).toBe('VALID');
    const other = await stamp()(Buffer.from('another'));
    expect(told(judge(await letter({ timestamp: () => other })))).toEqual({ timestamp: 'failed TST_IMPRINT' });
  });
});
