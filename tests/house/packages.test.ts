import { stripTypeScriptTypes } from 'node:module';
import { markdown } from './markdown.ts';
import { files, imports, read } from './source.ts';

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(read('package.json')) as {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly overrides: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
};
const lock = JSON.parse(read('package-lock.json')) as {
  lockfileVersion: number;
  packages: Readonly<Record<string, Locked>>;
};
const direct = { ...manifest.dependencies, ...manifest.devDependencies };

/** Where `name` is found by a package that lies at `from`, as Node looks for it: in its own node_modules, then in those above. */
function resolve(from: string, name: string): string | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const path = `${at ? `${at}/` : ''}node_modules/${name}`;
    if (lock.packages[path]) return path;
    if (!at) return undefined;
  }
}

describe('package.json', () => {
  it('names exact versions only', () => {
    const loose = Object.entries({ ...direct, ...manifest.overrides }).filter(
      ([, version]) => !/^(npm:[\w@/.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(loose).toEqual([]);
  });

  it('says of every package with an install script whether it may run', () => {
    const scripted = Object.entries(lock.packages)
      .filter(([, locked]) => locked.hasInstallScript)
      .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
    expect(scripted.filter((name) => !(name in manifest.allowScripts))).toEqual([]);
  });
});

describe('package-lock.json', () => {
  it('holds what package.json asks for', () => {
    expect(lock.lockfileVersion).toBe(3);
    expect(lock.packages['']).toMatchObject({
      dependencies: manifest.dependencies,
      devDependencies: manifest.devDependencies,
    });
    const installed = Object.keys(direct).map((name) => [name, lock.packages[`node_modules/${name}`]?.version]);
    expect(Object.fromEntries(installed)).toEqual(direct);
  });

  it('holds every dependency of every package, those for other platforms too', () => {
    const missing = Object.entries(lock.packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies })
        .filter((name) => !resolve(path, name))
        .map((name) => `${path} needs ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it('knows the hash of every package', () => {
    expect(Object.keys(lock.packages).filter((path) => path && !lock.packages[path]!.integrity)).toEqual([]);
  });
});

describe('what the sources import', () => {
  /** Packages that a folder's code needs when it runs; types are erased first, as Node does. */
  const needed = (folder: string) =>
    files(folder, '.ts').flatMap((path) =>
      imports(stripTypeScriptTypes(read(path)))
        .filter((specifier) => !/^(?:\.|node:)/.test(specifier))
        .map((specifier) => ({ path, name: specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/') })),
    );

  it('src/ runs on the dependencies alone, as in the container', () => {
    const others = needed('src').filter(({ name }) => !(name in manifest.dependencies));
    expect(others.map(({ path, name }) => `${path} imports ${name}`)).toEqual([]);
  });

  it.each(['tests', 'scripts', 'bench'])('%s/ imports direct dependencies only', (folder) => {
    const others = needed(folder).filter(({ name }) => !(name in direct));
    expect(others.map(({ path, name }) => `${path} imports ${name}`)).toEqual([]);
  });
});

describe('docs/dependencies.md', () => {
  it('gives each direct dependency, its version and a reason', () => {
    const rows = markdown(read('docs/dependencies.md')).tables.flatMap((table) => table.slice(1));
    const told = Object.fromEntries(rows.map(([name = '', version = '']) => [name.replaceAll('`', ''), version]));
    expect(told).toEqual({ ...direct, ...manifest.overrides });
    expect(rows.filter(([, , reason = '']) => reason.length < 20)).toEqual([]);
  });
});
