// The rules of ARCHITECTURE.md, read from the imports: who may know whom, who may construct, who may read clock and environment.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = path.join(__dirname, '..');
type Import = { readonly file: string; readonly target: string; readonly isTypeOnly: boolean };

const filesBelow = (folder: string): string[] =>
  readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(name) : name.endsWith('.ts') ? [name] : [];
  });

const sources = ['src', 'config', 'sandbox', 'demo']
  .filter((folder) => existsSync(path.join(root, folder)))
  .flatMap(filesBelow);
const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');

const importsOf = (file: string): Import[] => {
  const text = withoutComments(textOf(file));
  const found = [
    ...text.matchAll(/\b(?:import|export)\s+(type\s)?[^'"();]*?\bfrom\s+['"]([^'"]+)['"]/g),
    ...text.matchAll(/\bimport\s*(\b)?\(\s*['"]([^'"]+)['"]\s*\)/g),
    ...text.matchAll(/\brequire\s*(\b)?\(\s*['"]([^'"]+)['"]\s*\)/g),
    ...text.matchAll(/\bimport\s+(\b)?['"]([^'"]+)['"]/g),
  ];
  return found.map(([, type, target = '']) => ({
    file,
    isTypeOnly: type?.trim() === 'type',
    target: target.startsWith('.') ? path.posix.normalize(path.posix.join(path.posix.dirname(file), target)) : target,
  }));
};
const imports = sources.flatMap(importsOf);
const offenders = (isWrong: (one: Import) => boolean): string[] =>
  imports.filter(isWrong).map(({ file, target }) => `${file} → ${target}`);
const within = (place: string, ...folders: string[]): boolean =>
  folders.some((folder) => place === folder || place.startsWith(`${folder}/`));

describe('who may know whom', () => {
  test('core imports nothing of ours', () => {
    expect(
      offenders(
        ({ file, target }) =>
          within(file, 'src/core') && within(target, 'src', 'config') && !within(target, 'src/core'),
      ),
    ).toEqual([]);
  });
  test('billing knows core and the store port, nobody else', () => {
    const allowed = ['src/core', 'src/store/port', 'src/store/cursor', 'src/billing', 'config/reminder-policies'];
    expect(
      offenders(
        ({ file, target }) =>
          within(file, 'src/billing') && within(target, 'src', 'config') && !within(target, ...allowed),
      ),
    ).toEqual([]);
  });
  test('sync knows core, the store port and its own ports, never billing or a provider', () => {
    const allowed = ['src/core', 'src/store/port', 'src/store/cursor', 'src/sync', 'config/merge-policy'];
    expect(
      offenders(
        ({ file, target }) =>
          within(file, 'src/sync') && within(target, 'src', 'config') && !within(target, ...allowed),
      ),
    ).toEqual([]);
  });
  test('nobody imports the edges web and jobs but the composition and the edges themselves', () => {
    const edges = ['src/web', 'src/jobs', 'src/cli', 'src/main.ts', 'src/compose.ts', 'src/compose'];
    expect(
      offenders(
        ({ file, target }) => within(file, 'src') && !within(file, ...edges) && within(target, 'src/web', 'src/jobs'),
      ),
    ).toEqual([]);
  });
  test('the sandbox and the product import nothing of each other', () => {
    expect(offenders(({ file, target }) => within(file, 'sandbox') && within(target, 'src', 'config', 'demo'))).toEqual(
      [],
    );
    expect(
      offenders(({ file, target }) => within(file, 'src', 'config') && within(target, 'sandbox', 'demo', 'test')),
    ).toEqual([]);
  });
});

describe('where a vendor may be named', () => {
  test.each([
    ['xero-node', ['src/connectors/xero']],
    ['node-quickbooks', ['src/connectors/quickbooks']],
    ['stripe', ['src/connectors/stripe']],
    ['nodemailer', ['src/connectors/mail']],
    ['pdfmake', ['src/connectors/pdf']],
    ['mongoose', ['src/store/mongo']],
    ['libsql', ['src/store/sqlite']],
    ['bull', ['src/jobs/bull']],
    ['ioredis', ['src/jobs/bull', 'src/connectors/rate-budget', 'src/compose.ts', 'src/compose']],
    ['axios', ['src/connectors']],
    ['openid-client', ['src/connectors']],
    ['express', ['src/web', 'src/compose', 'src/compose.ts']],
    ['handlebars', ['src/web', 'src/connectors/mail']],
  ])('%s only in %j', (vendor, rooms) => {
    const isVendor = (target: string): boolean => target === vendor || target.startsWith(`${vendor}/`);
    expect(
      offenders(({ file, target }) => within(file, 'src') && isVendor(target) && !within(file, ...(rooms as string[]))),
    ).toEqual([]);
  });
});

describe('what only one place may do', () => {
  const lines = (isWrong: RegExp, ...allowed: string[]): string[] =>
    sources
      .filter((file) => within(file, 'src') && !within(file, ...allowed))
      .filter((file) => isWrong.test(withoutComments(textOf(file))));
  test('reading the environment: config and the front doors', () => {
    expect(lines(/process\.env\b/, 'src/main.ts', 'src/cli/main.ts')).toEqual([]);
  });
  test('reading the clock: core/clock', () => {
    expect(lines(/\bDate\.now\(|\bnew Date\(\)/, 'src/core/clock.ts')).toEqual([]);
  });
  test('no any, no ignored type errors', () => {
    const all = sources.filter((file) =>
      /:\s*any\b|\bas any\b|<any>|@ts-(ignore|nocheck|expect-error)/.test(
        withoutComments(textOf(file)) + textOf(file).match(/@ts-\w+/)?.[0],
      ),
    );
    expect(all).toEqual([]);
  });
  test('floats stay away from money: no parseFloat', () => {
    expect(lines(/\bparseFloat\(/)).toEqual([]);
  });
});

describe('shape', () => {
  test('no import cycle at run time', () => {
    const graph = new Map<string, string[]>();
    const known = new Set(sources);
    for (const { file, target, isTypeOnly } of imports) {
      const resolved = [`${target}.ts`, target, `${target}/index.ts`].find((candidate) => known.has(candidate));
      if (!isTypeOnly && resolved !== undefined) graph.set(file, [...(graph.get(file) ?? []), resolved]);
    }
    expect(findCycle(graph)).toEqual([]);
  });
  test('every source file opens by saying what it is for', () => {
    expect(sources.filter((file) => !/^(\/\/|\/\*|#!)/.test(textOf(file)))).toEqual([]);
  });
  test('no default exports', () => {
    expect(sources.filter((file) => /^export default\b/m.test(textOf(file)))).toEqual([]);
  });
});

const findCycle = (graph: ReadonlyMap<string, readonly string[]>): string[] => {
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): string[] => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next, [...trail, file]);
      if (cycle.length > 0) return cycle;
    }
    done.add(file);
    return [];
  };
  for (const file of graph.keys()) {
    const cycle = visit(file, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
};
