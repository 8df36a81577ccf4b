import {
  HPKI_AUTHENTICATION,
  HPKI_SIGNATURE,
  HPKI_TEST_SIGNATURE,
  readTrustFile,
} from '../../../../src/services/signature/trust/configuration.ts';
import { found } from '../../../../src/services/signature/trust/findings.ts';
import { read } from '../../../house/source.ts';

const page = read('docs/trust.md');

describe('docs/trust.md', () => {
  it('has an example that is one', () => {
    const [, json = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
    expect(readTrustFile(json)).toMatchObject({
      environment: 'production',
      issuers: [{}, {}],
      timestampAuthorities: [{}],
    });
  });

  it('says what holds where trust.json is silent', () => {
    const silent = { environment: 'test', issuers: [], timestampAuthorities: [] };
    const { roles, warnDays } = readTrustFile(JSON.stringify(silent));
    const [, text = ''] = /"roles": (\{.*\})/.exec(page) ?? [];
    expect(JSON.parse(text)).toEqual(roles);
    expect(page).toContain(`if left out ${warnDays}`);
    for (const oid of [HPKI_SIGNATURE, HPKI_AUTHENTICATION, HPKI_TEST_SIGNATURE]) expect(page).toContain(`\`${oid}\``);
  });

  it('lists every finding under its level', () => {
    const table = page.slice(page.indexOf('| code | level |'));
    const told = [...table.matchAll(/^\| (`.*) \| (\w+) \|$/gm)].flatMap(([, codes = '', level]) =>
      [...codes.matchAll(/`(\w+)`/g)].map(([, code]) => `${code} ${level}`),
    );
    const made = Object.values(found).map(({ code, level }) => `${code} ${level}`);
    expect(told.sort()).toEqual(made.sort());
  });

  it('names the subject of the root as it stands in the certificate, and no fingerprint that nobody here has seen', () => {
    expect(page).toContain('OU=MHLW HPKI Root CA V2');
    expect(page).not.toMatch(/[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){15}|\b[0-9a-f]{40,}\b/);
  });
});
