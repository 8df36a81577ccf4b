import fc from 'fast-check';
import { readTrustFile } from '../../../../src/services/signature/trust/configuration.ts';
import { TrustError } from '../../../../src/services/signature/trust/mistake.ts';

const issuer = { name: { ja: '試験認証局', en: 'Test CA' }, anchors: ['root.pem'] };
const least = { environment: 'test', issuers: [issuer], timestampAuthorities: [{ ...issuer }] };
const read = (value: unknown) => readTrustFile(JSON.stringify(value));

/** The mistakes in it, as `path: what`. */
function mistakes(value: unknown): string[] {
  try {
    read(value);
    return [];
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    return error.mistakes.map(({ path, words }) => `${path}: ${words.en}`);
  }
}

const inIssuer = (more: object) => ({ ...least, issuers: [{ ...issuer, ...more }] });
const inAuthority = (more: object) => ({ ...least, timestampAuthorities: [{ ...issuer, ...more }] });

describe('trust.json', () => {
  it('says who is trusted; where it is silent, what HPKI has', () => {
    expect(read(least)).toMatchObject({
      environment: 'test',
      issuers: [
        {
          name: { ja: '試験認証局', en: 'Test CA' },
          anchors: [{ file: 'root.pem', path: '$.issuers[0].anchors[0]' }],
          retired: [],
          intermediates: [],
          crls: [],
        },
      ],
      timestampAuthorities: [{ url: undefined, policy: undefined, allowPrivate: false }],
      policies: ['1.2.392.100495.1.5.1.1'],
      refusedPolicies: ['1.2.392.100495.1.5.1.2'],
      roles: { medical: ['Medical Doctor'], dental: ['Medical Doctor', 'Dentist'] },
      warnDays: 90,
    });
  });

  it('in production, unless it says otherwise, refuses certificates for tests', () => {
    expect(read({ ...least, environment: 'production' }).refusedPolicies).toEqual([
      '1.2.392.100495.1.5.1.2',
      '1.2.392.100495.1.5.1.1.0',
    ]);
    const told = ['1.2.392.100495.1.5.1.2'];
    expect(read({ ...least, environment: 'production', refusedPolicies: told }).refusedPolicies).toEqual(told);
  });

  it('says the rest where it is not', () => {
    const whole = {
      $schema: './trust.schema.json',
      environment: 'staging-2',
      issuers: [
        {
          ...issuer,
          retired: ['old/root.pem'],
          intermediates: ['sign-ca.cer'],
          crls: [
            { url: 'http://crl.example/ca.crl' },
            { url: 'http://10.1.2.3:8081/root.crl', allowPrivate: true },
            { file: 'lists/root.crl' },
          ],
        },
      ],
      timestampAuthorities: [{ ...issuer, url: 'https://tsa.example/', policy: '1.2.3.4', allowPrivate: false }],
      policies: ['2.999.1'],
      refusedPolicies: ['2.999.2'],
      roles: { medical: ['Medical Doctor', 'Dentist'] },
      warnDays: 30,
    };
    const file = read(whole);
    expect(file.issuers[0]?.crls).toEqual([
      { url: 'http://crl.example/ca.crl', allowPrivate: false, path: '$.issuers[0].crls[0]' },
      { url: 'http://10.1.2.3:8081/root.crl', allowPrivate: true, path: '$.issuers[0].crls[1]' },
      { file: 'lists/root.crl', path: '$.issuers[0].crls[2]' },
    ]);
    expect(file).toMatchObject({
      environment: 'staging-2',
      timestampAuthorities: [{ url: 'https://tsa.example/', policy: '1.2.3.4', allowPrivate: false }],
      policies: ['2.999.1'],
      refusedPolicies: ['2.999.2'],
      roles: { medical: ['Medical Doctor', 'Dentist'], dental: ['Medical Doctor', 'Dentist'] },
      warnDays: 30,
    });
  });

  it.each<[string, unknown, string]>([
    ['no object', [], '$: must be an object'],
    ['a list of texts', { ...least, issuers: ['x'] }, '$.issuers[0]: must be an object'],
    ['no list', { ...least, issuers: {} }, '$.issuers: must be a list [ … ] of issuers'],
    ['no environment', { ...least, environment: undefined }, '$: has no "environment": add it'],
    ['an environment in capitals', { ...least, environment: 'Production' }, '$.environment: must be a name in small'],
    ['an unknown key', { ...least, issuer: [] }, '$: has "issuer", which means nothing here'],
    ['a prototype', JSON.parse('{"__proto__": {}}'), '$: has "__proto__"'],
    ['no name', inIssuer({ name: undefined }), '$.issuers[0]: has no "name"'],
    ['a name in one language', inIssuer({ name: { ja: 'あ' } }), '$.issuers[0].name: has no "en"'],
    ['a blank name', inIssuer({ name: { ja: 'あ', en: ' ' } }), '$.issuers[0].name.en: must be a text without blanks'],
    ['no anchors', inIssuer({ anchors: undefined }), '$.issuers[0]: has no "anchors"'],
    ['an empty list of anchors', inIssuer({ anchors: [] }), '$.issuers[0].anchors: names none'],
    ['a number for a file', inIssuer({ anchors: [1] }), '$.issuers[0].anchors[0]: must be the path of a file below'],
    ['a file twice', inIssuer({ intermediates: ['root.pem'] }), '$.issuers[0].intermediates[0]: repeats "root.pem"'],
    ['an anchor that is retired', inIssuer({ retired: ['root.pem'] }), '$.issuers[0].retired[0]: repeats "root.pem"'],
    ['a list without place', inIssuer({ crls: [{}] }), '$.issuers[0].crls[0]: must have either "url" or "file"'],
    ['a list of two places', inIssuer({ crls: [{ url: 'http://a/', file: 'a' }] }), '$.issuers[0].crls[0]: must have'],
    ['a private file', inIssuer({ crls: [{ file: 'a', allowPrivate: true }] }), '$.issuers[0].crls[0]: has "allowPr'],
    [
      'a word for a flag',
      inIssuer({ crls: [{ url: 'http://a/', allowPrivate: 'yes' }] }),
      '$.issuers[0].crls[0].allow',
    ],
    ['a list twice', inIssuer({ crls: [{ url: 'http://a' }, { url: 'http://A/' }] }), '$.issuers[0].crls[1]: repeats'],
    ['a URL for an issuer', inIssuer({ url: 'http://a/' }), '$.issuers[0]: has "url"'],
    ['a private authority without URL', inAuthority({ allowPrivate: true }), '$.timestampAuthorities[0]: has "allowP'],
    ['a policy in words', inAuthority({ policy: 'gold' }), '$.timestampAuthorities[0].policy: must be an object ident'],
    ['no policies', { ...least, policies: [] }, '$.policies: names none'],
    ['a policy that is a number', { ...least, policies: [1.2] }, '$.policies[0]: must be an object identifier'],
    ['an unknown kind of letter', { ...least, roles: { nursing: ['Nurse'] } }, '$.roles: has "nursing"'],
    ['no role', { ...least, roles: { dental: [] } }, '$.roles.dental: names none'],
    [
      'a role with a blank at its end',
      { ...least, roles: { medical: ['Medical Doctor '] } },
      '$.roles.medical[0]: must',
    ],
    ['no days', { ...least, warnDays: 0 }, '$.warnDays: must be a whole number of days'],
    ['half days', { ...least, warnDays: 1.5 }, '$.warnDays: must be a whole number of days'],
  ])('with %s is refused', (_, value, complaint) => {
    const found = mistakes(value);
    expect(found.filter((one) => one.startsWith(complaint))).toHaveLength(1);
  });

  it.each(['ftp://a/', 'http://user:secret@a/', 'http://a/#x', 'file:///etc/passwd', 'a.crl', '', 7, null])(
    'has no URL %j',
    (url) => expect(mistakes(inIssuer({ crls: [{ url }] }))).toHaveLength(1),
  );

  it.each([
    '/etc/root.pem',
    '../root.pem',
    'a/../../root.pem',
    'a/..',
    '.',
    './root.pem',
    'a//b',
    'a/',
    'a\\b',
    'C:a',
    '',
  ])('has no file %j: files lie below its directory', (file) =>
    expect(mistakes(inIssuer({ anchors: [file] }))).toHaveLength(1),
  );

  it.each(['root.pem', 'a/b/root.pem', '..root.pem', '医師会/ルート.cer', 'a b.pem'])('may name the file %j', (file) =>
    expect(mistakes(inIssuer({ anchors: [file] }))).toEqual([]),
  );

  it.each(['1', '1.2.', '.1.2', '1.40.1', '3.1.1', '1.02.3', '1.2', '1.2.x', '1.2.3 '])('has no policy %j', (oid) =>
    expect(mistakes({ ...least, policies: [oid] })).toHaveLength(1),
  );

  it('tells every mistake at once, in both languages', () => {
    const value = { environment: '', issuers: [{ name: {}, anchors: [] }], warnDays: '90' };
    expect(mistakes(value)).toHaveLength(6);
    const error = (() => {
      try {
        return read(value);
      } catch (reason) {
        return reason as TrustError;
      }
    })() as TrustError;
    expect(error.message.split('\n')).toHaveLength(6);
    expect(error.mistakes.filter(({ words, file }) => !/\p{Script=Han}|です|い/u.test(words.ja) || !file)).toEqual([]);
  });

  it('that is no JSON is refused with the reason', () => {
    for (const text of ['', '{', '{"environment": "test",}', '\uFEFF{}', 'environment: test'])
      expect(() => readTrustFile(text)).toThrow(/^trust\.json \$: is not JSON: /);
  });

  it('never makes anything but a trust file or mistakes, whatever is in it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(least), 'roles', 'policies', 'x'), (value, key) => {
        for (const attempt of [
          value,
          { ...least, [key]: value },
          inIssuer({ crls: value }),
          inAuthority({ name: value }),
        ])
          expect(mistakes(attempt)).toBeInstanceOf(Array);
      }),
    );
  });
});
