import { resolve } from 'node:path';
import fc from 'fast-check';
import { ConfigError, listeningOn, loadConfig, settings } from '../src/config.ts';

describe('the table of settings', () => {
  const rows = Object.values(settings);

  it('is frozen, row by row', () => {
    expect(Object.isFrozen(settings)).toBe(true);
    expect(rows.every(Object.isFrozen)).toBe(true);
  });

  it('names each variable once, in capitals', () => {
    const names = rows.map((row) => row.variable);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[A-Z][A-Z0-9_]*$/.test(name))).toEqual([]);
  });

  it('says of each what it means, and of one without default what holds then', () => {
    expect(rows.filter((row) => row.meaning.length < 10)).toEqual([]);
    expect(rows.filter((row) => row.fallback === null && !row.shown)).toEqual([]);
  });

  it.each(rows.filter((row) => row.fallback !== null).map((row) => [row.variable, row] as const))(
    'gives %s a default that it accepts',
    (_, row) => {
      expect(() => row.parse(row.fallback as string)).not.toThrow();
    },
  );
});

describe('without any variable', () => {
  const config = loadConfig({});

  it('the server listens at home on 8080, keeps its data in ./data and runs its own database', () => {
    expect(config).toMatchObject({
      port: 8080,
      host: '127.0.0.1',
      baseUrl: 'http://127.0.0.1:8080',
      dataDir: resolve('data'),
      databaseUrl: null,
      timeZone: 'Asia/Tokyo',
      updateCreate: false,
    });
  });

  it('the pepper lies in the data directory', () => {
    expect(config.keycodePepperFile).toBe(resolve('data/keycode.pepper'));
    expect(loadConfig({ DATA_DIR: '/srv/tasuki' }).keycodePepperFile).toBe('/srv/tasuki/keycode.pepper');
    expect(loadConfig({ KEYCODE_PEPPER_FILE: '/etc/pepper' }).keycodePepperFile).toBe('/etc/pepper');
    expect(loadConfig({ DATA_DIR: '/srv/tasuki' }).identitySecretFile).toBe('/srv/tasuki/identity.secret');
    expect(loadConfig({ IDENTITY_SECRET_FILE: '/etc/identity' }).identitySecretFile).toBe('/etc/identity');
  });

  it('what is trusted lies there too', () => {
    expect(loadConfig({ DATA_DIR: '/srv/tasuki' }).trustDir).toBe('/srv/tasuki/trust');
    expect(loadConfig({ TRUST_DIR: '/etc/tasuki/trust' }).trustDir).toBe('/etc/tasuki/trust');
  });

  it('and with empty ones it is the same', () => {
    expect(loadConfig(Object.fromEntries(Object.values(settings).map((row) => [row.variable, ' '])))).toEqual(config);
  });

  it('the settings cannot be changed', () => {
    expect(Object.isFrozen(config)).toBe(true);
  });
});

describe('the language', () => {
  it.each([
    ['ja', 'ja'],
    ['ja_JP.UTF-8', 'ja'],
    ['JA', 'ja'],
    ['en_US.UTF-8', 'en'],
    ['C.UTF-8', 'en'],
    ['jav', 'en'],
    ['', 'en'],
  ])('with LANG=%s is %s', (LANG, language) => {
    expect(loadConfig({ LANG }).language).toBe(language);
  });
});

describe('the base URL', () => {
  it.each([
    [{ PORT: '9000' }, 'http://127.0.0.1:9000'],
    [{ HOST: '0.0.0.0' }, 'http://127.0.0.1:8080'],
    [{ HOST: '::' }, 'http://[::1]:8080'],
    [{ HOST: '::1', PORT: '80' }, 'http://[::1]'],
    [{ HOST: 'tasuki.local' }, 'http://tasuki.local:8080'],
    [{ BASE_URL: 'https://fhir.example.jp/' }, 'https://fhir.example.jp'],
    [{ BASE_URL: 'https://example.jp/tasuki//', PORT: '9000' }, 'https://example.jp/tasuki'],
    [{ BASE_URL: 'HTTPS://Example.JP:443' }, 'https://example.jp'],
  ])('with %j is %s', (env, baseUrl) => {
    expect(loadConfig(env).baseUrl).toBe(baseUrl);
  });

  it('follows the port that was taken, unless it was given', () => {
    expect(listeningOn(loadConfig({ PORT: '0' }), 41234)).toMatchObject({
      port: 41234,
      baseUrl: 'http://127.0.0.1:41234',
    });
    const given = loadConfig({ PORT: '0', BASE_URL: 'https://fhir.example.jp' });
    expect(listeningOn(given, 41234)).toMatchObject({ port: 41234, baseUrl: 'https://fhir.example.jp' });
  });
});

describe('a value that cannot be used', () => {
  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80a'],
    ['PORT', '0x50'],
    ['PORT', '1e3'],
    ['PORT', '８０８０'],
    ['HOST', 'two words'],
    ['BASE_URL', 'fhir.example.jp'],
    ['BASE_URL', 'ftp://fhir.example.jp'],
    ['BASE_URL', 'https://user:secret@fhir.example.jp'],
    ['BASE_URL', 'https://fhir.example.jp/?a=b'],
    ['DATABASE_URL', 'mysql://localhost/tasuki'],
    ['DATABASE_URL', 'localhost:5432'],
    ['DATA_DIR', 'a\0b'],
    ['TIME_ZONE', 'Tokyo'],
    ['UPDATE_CREATE', 'maybe'],
    ['POOL_SIZE', '0'],
    ['MAX_BODY_BYTES', '1'],
    ['MAX_DEPTH', '7'],
    ['TOKEN_SECONDS', '301'],
    ['STATEMENT_TIMEOUT_MS', '5s'],
    ['KEYCODE_SECRET_CHARS', '10'],
    ['LOG_LEVEL', 'verbose'],
  ])('%s=%s is refused by the name of the variable', (variable, given) => {
    const load = () => loadConfig({ [variable]: given });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(new RegExp(`^${variable} must be `));
  });

  it('that holds a secret is not repeated', () => {
    for (const variable of ['DATABASE_URL', 'BASE_URL']) {
      expect(() => loadConfig({ [variable]: 'secret://hunter2@host' })).toThrow(expect.not.stringContaining('hunter2'));
    }
  });
});

describe('a value that can be used', () => {
  it.each([
    ['true', true],
    ['1', true],
    ['ON', true],
    ['yes', true],
    ['False', false],
    ['0', false],
    ['off', false],
    ['no', false],
  ])('UPDATE_CREATE=%s is %p', (given, value) => {
    expect(loadConfig({ UPDATE_CREATE: given }).updateCreate).toBe(value);
  });

  it.each([
    'postgres://user:p%40ss@db/tasuki',
    'postgresql://db/tasuki?sslmode=require',
    'postgres:///tasuki?host=/run/postgresql',
    'postgresql://user@%2Frun%2Fpostgresql/tasuki',
  ])('DATABASE_URL=%s stays as it is', (url) => {
    expect(loadConfig({ DATABASE_URL: url }).databaseUrl).toBe(url);
  });

  it('is read without the blanks around it', () => {
    expect(loadConfig({ PORT: ' 9000\n' }).port).toBe(9000);
  });

  it('any port is itself', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65_535 }), (port) => {
        expect(loadConfig({ PORT: String(port) }).port).toBe(port);
      }),
    ));

  it('of the environment beside the settings changes nothing', () => {
    expect(loadConfig({ PATH: '/bin', PORTS: '1' })).toEqual(loadConfig({}));
  });
});
