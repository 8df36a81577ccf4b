import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { settings } from '../../src/config.ts';
import { files, read, root } from './source.ts';

const dockerfile = read('Dockerfile').replace(/\\\n\s*/g, '');
const compose = read('docker-compose.yml').replace(/^\s*#.*\n/gm, '');
const ignored = read('.dockerignore');

/** What follows an instruction of the Dockerfile, once for each time that it stands there. */
const instructions = (name: string): string[] =>
  [...dockerfile.matchAll(new RegExp(`^${name} (.*)$`, 'gm'))].map((found) => found[1]!);

/** The lines of one service of the compose file. */
const service = (name: string): string =>
  new RegExp(`^ {2}${name}:\\n((?: {4}.*\\n|\\n)*)`, 'm').exec(compose)?.[1] ?? '';

const port = settings.port.fallback;
const variables = new Set(Object.values(settings).map((setting) => setting.variable));

describe('Dockerfile', () => {
  it('runs on the image of Node 24, by an unprivileged user', () => {
    expect(instructions('FROM').map((from) => from.split(' ')[0])).toEqual(['node:24', 'node:24']);
    expect(instructions('USER')).toEqual(['node']);
    expect(dockerfile.lastIndexOf('\nUSER ')).toBeLessThan(dockerfile.indexOf('\nCMD '));
  });

  it('copies files that are there and that .dockerignore lets in', () => {
    const copied = instructions('COPY')
      .filter((copy) => !copy.startsWith('--from'))
      .flatMap((copy) => copy.split(' ').slice(0, -1));
    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(copied.filter((path) => !ignored.split('\n').includes(`!${path}`))).toEqual([]);
    expect(ignored.split('\n').filter((line) => line && !/^[#!]/.test(line))).toEqual(['*']);
  });

  it('copies every folder that a source reads at run time', () => {
    const folders = ['fhir-profiles', 'terminology'].filter((folder) =>
      files('src', '.ts').some((path) => read(path).includes(folder)),
    );
    expect(folders.filter((folder) => !instructions('COPY').some((copy) => copy.startsWith(`${folder} `)))).toEqual([]);
  });

  it('sets only settings that the server has', () => {
    const names = instructions('ENV').flatMap((line) => line.split(/\s+/).map((pair) => pair.split('=')[0]!));
    expect(names.filter((name) => name !== 'NODE_ENV' && !variables.has(name))).toEqual([]);
    expect(dockerfile).toContain(`PORT=${port}`);
  });

  it('serves the port that it exposes, keeps its data in the volume and is asked whether it is ready', () => {
    expect(instructions('EXPOSE')).toEqual([port]);
    expect(instructions('VOLUME')).toEqual(['/data']);
    expect(dockerfile).toContain('DATA_DIR=/data');
    expect(instructions('HEALTHCHECK')[0]).toMatch(/\/readyz/);
  });

  it('starts a file that is there', () => {
    const [command] = instructions('CMD').map((line) => JSON.parse(line) as string[]);
    expect(command).toEqual(['node', '--max-semi-space-size=16', '--heap-growing-percent=30', 'src/main.ts', 'start']);
    expect(existsSync(join(root, 'src/main.ts'))).toBe(true);
  });
});

describe('docker-compose.yml', () => {
  it('is indented by two blanks and has no tabs', () => {
    const odd = compose.split('\n').filter((line) => /\t/.test(line) || /^ */.exec(line)![0].length % 2 === 1);
    expect(odd).toEqual([]);
  });

  it('starts the server after a PostgreSQL 18 that answers', () => {
    expect(service('postgres')).toContain('image: postgres:18\n');
    expect(service('postgres')).toContain('healthcheck:');
    expect(service('tasuki')).toMatch(/depends_on:\n\s+postgres:\n\s+condition: service_healthy/);
    expect(service('tasuki')).toContain('build: .');
  });

  it('has no password in it and publishes nothing but the server, on the loopback address', () => {
    expect(compose).not.toMatch(/POSTGRES_PASSWORD:|network_mode: host|privileged/);
    expect(service('postgres')).toContain('POSTGRES_PASSWORD_FILE: /secret/password');
    expect(service('postgres')).not.toContain('ports:');
    expect(service('tasuki')).toMatch(new RegExp(`ports:\\n\\s+- 127\\.0\\.0\\.1:${port}:${port}\\n`));
    expect(compose).toMatch(/^ {2}database:\n {4}internal: true$/m);
  });

  it('declares the volumes and networks that it uses', () => {
    const declared = (section: string) =>
      [...(new RegExp(`^${section}:\\n((?: +.*\\n)+)`, 'm').exec(compose)?.[1] ?? '').matchAll(/^ {2}(\w+):/gm)].map(
        (found) => found[1]!,
      );
    const mounted = new Set([...compose.matchAll(/^ {6}- (\w+):\//gm)].map((found) => found[1]!));
    expect([...mounted].sort()).toEqual(declared('volumes').sort());
    const joined = new Set(
      [...compose.matchAll(/networks:\n((?: {6}- \w+\n)+)/g)].flatMap((found) => found[1]!.match(/\w+/g)!),
    );
    expect([...joined].sort()).toEqual(declared('networks').sort());
  });

  it('sets only settings that the server has', () => {
    const environment = /environment:\n((?: {6}.*\n)+)/.exec(service('tasuki'))?.[1] ?? '';
    const names = [...environment.matchAll(/^ {6}(\w+):/gm), ...service('tasuki').matchAll(/export (\w+)=/g)].map(
      (found) => found[1]!,
    );
    expect(names).toContain('DATABASE_URL');
    expect(names.filter((name) => !variables.has(name))).toEqual([]);
  });
});
