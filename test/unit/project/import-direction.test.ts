import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { z } from 'zod';

const checkout = resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);

// Each run of the rules is a separate process.
jest.setTimeout(120_000);

/** By folder: the folders that may import it. The rule's own table is the inverse. */
const importedBy: Readonly<Record<string, string>> = {
  base: 'api kube channel platforms costs store relay origin cluster recorder controllers operator server audit',
  api: 'channel platforms costs store relay origin cluster recorder controllers operator server audit client web',
  kube: 'cluster recorder controllers operator server audit',
  channel: 'cluster recorder controllers operator server audit',
  platforms: 'cluster recorder controllers operator server audit',
  costs: 'recorder operator server audit web',
  store: 'recorder operator server',
  cluster: 'recorder controllers operator server audit',
  recorder: 'operator',
  controllers: 'operator',
  server: 'client web',
  operator: '',
  audit: '',
  client: '',
  web: '',
  relay: '',
  origin: '',
};
const folders = Object.keys(importedBy);

type Files = Readonly<Record<string, string>>;
type Kind = 'import' | 'import type';

/** Runs the project's rules, like `make imports`, on a checkout that contains only these files. */
async function violationsIn(files: Files): Promise<ReadonlySet<string>> {
  const folder = await mkdtemp(join(tmpdir(), 'import-direction-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    const program = join(checkout, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
    const config = join(checkout, '.dependency-cruiser.mjs');
    const tops = new Set(Object.keys(files).map((path) => path.split('/', 1).join()));
    const options = ['--config', config, '--output-type', 'json', ...tops];
    const { stdout } = await run(process.execPath, [program, ...options], {
      cwd: folder,
      maxBuffer: 64 * 1024 * 1024,
    });
    const { summary } = resultSchema.parse(JSON.parse(stdout));
    return new Set(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`));
  } finally {
    await rm(folder, { recursive: true });
  }
}
const resultSchema = z.object({
  summary: z.object({
    violations: z.array(z.object({ rule: z.object({ name: z.string() }), from: z.string(), to: z.string() })),
  }),
});

const thing = 'export type Thing = string;\nexport const thing = 1;\n';
const nested = 'some/where';
const importer = (from: string, to: string, kind: Kind): string =>
  kind === 'import' ? `src/${from}/imports-${to}.ts` : `src/${from}/${nested}/imports-${to}.ts`;

const contractImporter = 'src/client/imports-contract.ts';

/** For each pair of folders: a file that imports code, and one two levels deeper that imports a type. */
function everyPair(): Files {
  const files: Record<string, string> = {};
  for (const from of folders) {
    files[`src/${from}/thing.ts`] = thing;
    for (const to of folders.filter((each) => each !== from)) {
      files[importer(from, to, 'import')] = `import { thing } from '../${to}/thing.ts';\nthing;\n`;
      files[importer(from, to, 'import type')] =
        `import type { Thing } from '../../../${to}/thing.ts';\nexport type Here = Thing;\n`;
    }
    files[`src/${from}/imports-main.ts`] = `import { main } from '../main.ts';\nmain;\n`;
    for (const outside of ['test', 'hack'])
      files[`src/${from}/imports-${outside}.ts`] =
        `import type { Thing } from '../../${outside}/thing.ts';\nexport type Here = Thing;\n`;
  }
  files['src/server/contract/thing.ts'] = thing;
  files[contractImporter] = `import { thing } from '../server/contract/thing.ts';\nthing;\n`;
  const all = folders.map((each) => `import './${each}/thing.ts';\n`).join('');
  return {
    ...files,
    'src/channel/desired/thing.ts': thing,
    'src/recorder/desired.ts': `import { thing } from '../channel/desired/thing.ts';\nthing;\n`,
    'src/main.ts': `${all}export const main = 1;\n`,
    'src/other.ts': `import '../hack/thing.ts';\n`,
    'test/thing.ts': thing,
    'hack/thing.ts': thing,
  };
}

test('the list in this test contains every folder of src', async () => {
  const entries = await readdir(join(checkout, 'src'), { withFileTypes: true });
  const there = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect(there.toSorted()).toEqual(folders.toSorted());
});

describe('direction of imports', () => {
  let violations: ReadonlySet<string>;
  beforeAll(async () => {
    violations = await violationsIn(everyPair());
  });

  const mayImport = (from: string, to: string): boolean => importedBy[to]?.split(' ').includes(from) === true;

  describe.each(folders)('src/%s', (from) => {
    const others = folders.filter((each) => each !== from);

    test.each<Kind>(['import', 'import type'])('%s: only from the allowed folders', (kind) => {
      const refused = others.filter((to) =>
        violations.has(`direction-${from}: ${importer(from, to, kind)} -> src/${to}/thing.ts`),
      );
      expect(refused).toEqual(others.filter((to) => !mayImport(from, to)));
    });

    test('imports neither main.ts nor files outside src', () => {
      expect(violations).toContain(`direction-${from}: src/${from}/imports-main.ts -> src/main.ts`);
      for (const outside of ['test', 'hack'])
        expect(violations).toContain(`source-only: src/${from}/imports-${outside}.ts -> ${outside}/thing.ts`);
    });
  });

  test('main.ts may import every folder, and no file of src may import hack', () => {
    expect([...violations].filter((each) => each.includes('src/main.ts ->'))).toEqual([]);
    expect(violations).toContain('source-only: src/other.ts -> hack/thing.ts');
  });

  test.each(['client', 'web'])('%s may import types of the server, and of its code the contract', (from) => {
    expect(everyPair()).toHaveProperty([contractImporter]);
    const code = `${from}-types-only: ${importer(from, 'server', 'import')} -> src/server/thing.ts`;
    const found = [...violations].filter((each) => each.startsWith(`${from}-types-only`));
    expect(found).toEqual([code]);
  });

  test('the recorder may import only channel/desired of channel', () => {
    const ofRecorder = [...violations].filter((each) => each.startsWith('recorder-desired-only'));
    expect(ofRecorder.toSorted()).toEqual(
      (['import', 'import type'] as const)
        .map(
          (kind) => `recorder-desired-only: ${importer('recorder', 'channel', kind)} -> src/channel/thing.ts`,
        )
        .toSorted(),
    );
  });

  test('pages may import only the prices of viewers of costs', () => {
    const ofPages = [...violations].filter((each) => each.startsWith('web-viewer-prices-only'));
    expect(ofPages.toSorted()).toEqual(
      (['import', 'import type'] as const)
        .map((kind) => `web-viewer-prices-only: ${importer('web', 'costs', kind)} -> src/costs/thing.ts`)
        .toSorted(),
    );
  });

  test('nothing else is rejected', () => {
    const other =
      /^(?!direction-|source-only|client-types-only|web-types-only|web-viewer-prices-only|recorder-desired-only)/;
    expect([...violations].filter((each) => other.test(each))).toEqual([]);
  });
});

describe('import cycles are rejected', () => {
  test.each<[what: string, files: Files, first: string]>([
    [
      'two files, code',
      {
        'src/api/a.ts': `import { b } from './b.ts';\nexport const a = () => b;\n`,
        'src/api/b.ts': `import { a } from './a.ts';\nexport const b = () => a;\n`,
      },
      'no-cycle: src/api/a.ts -> src/api/b.ts',
    ],
    [
      'two files, types only',
      {
        'src/api/a.ts': `import type { B } from './b.ts';\nexport interface A { b: B }\n`,
        'src/api/b.ts': `import type { A } from './a.ts';\nexport interface B { a: A }\n`,
      },
      'no-cycle: src/api/a.ts -> src/api/b.ts',
    ],
    [
      'a type among code in one direction, code in the other',
      {
        'src/relay/a.ts': `import { b, type B } from './b.ts';\nexport const a = (x: B) => b;\n`,
        'src/relay/b.ts': `import type { a } from './a.ts';\nexport type B = typeof a;\nexport const b = 1;\n`,
      },
      'no-cycle: src/relay/a.ts -> src/relay/b.ts',
    ],
    [
      'three files in two folders',
      {
        'src/relay/media/a.ts': `export { b } from '../ingest/b.ts';\n`,
        'src/relay/ingest/b.ts': `export { c as b } from './c.ts';\n`,
        'src/relay/ingest/c.ts': `import type {} from '../media/a.ts';\nexport const c = 1;\n`,
      },
      'no-cycle: src/relay/ingest/b.ts -> src/relay/ingest/c.ts',
    ],
    [
      'a file that is imported at run time',
      {
        'src/main.ts': `export const main = async () => import('./audit/command.ts');\n`,
        'src/audit/command.ts': `import { main } from '../main.ts';\nmain;\n`,
      },
      'no-cycle: src/audit/command.ts -> src/main.ts',
    ],
  ])('%s', async (_, files, first) => {
    expect(await violationsIn(files)).toContain(first);
  });

  test('imports in one direction are not rejected', async () => {
    const files = {
      'src/api/a.ts': `import { b } from './b.ts';\nimport { c } from './c.ts';\nb + c;\n`,
      'src/api/b.ts': `import { c } from './c.ts';\nexport const b = c;\n`,
      'src/api/c.ts': 'export const c = 1;\n',
    };
    expect([...(await violationsIn(files))]).toEqual([]);
  });
});

describe('suites share code by test/support alone', () => {
  const shared = ['support', 'fixtures'];
  /** bench and lifecycle are also programs, and web has the fakes of browsers. These are the suites that use them. */
  const testsOf: Readonly<Record<string, readonly string[]>> = {
    bench: ['unit/bench', 'integration/bench'],
    lifecycle: ['unit/lifecycle', 'integration/lifecycle'],
    web: ['unit/web', 'integration/web'],
  };
  const mayImport = (from: string, to: string): boolean =>
    shared.includes(to) || testsOf[to]?.includes(from) === true;
  const foldersOf = (path: string): string[] =>
    readdirSync(join(checkout, 'test', path), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(path, name));
  const suites = foldersOf('.').flatMap((each) =>
    each === 'unit' || each === 'integration' ? foldersOf(each) : [each],
  );
  /** Includes a suite whose name begins with that of another one. */
  const everySuite = [...suites, 'unit/relay-next'];

  let violations: ReadonlySet<string>;
  beforeAll(async () => {
    const files: Record<string, string> = { 'src/base/thing.ts': thing, 'hack/thing.ts': thing };
    for (const from of everySuite) {
      const others = everySuite.filter((each) => each !== from);
      const up = relative(join('test', from), 'test');
      files[`test/${from}/thing.ts`] = thing;
      files[`test/${from}/own.ts`] = ['./thing.ts', `${up}/../src/base/thing.ts`, `${up}/../hack/thing.ts`]
        .map((path) => `import '${path}';\n`)
        .join('');
      files[`test/${from}/code.ts`] = others.map((to) => `import '${up}/${to}/thing.ts';\n`).join('');
      files[`test/${from}/${nested}/types.ts`] = others
        .map((to, n) => `import type { Thing as T${String(n)} } from '../../${up}/${to}/thing.ts';\n`)
        .join('');
    }
    for (const top of ['hack', 'examples'])
      files[`${top}/tool.ts`] = everySuite.map((to) => `import '../test/${to}/thing.ts';\n`).join('');
    violations = await violationsIn(files);
  });

  test.each(everySuite)('test/%s', (from) => {
    const others = everySuite.filter((each) => each !== from);
    for (const file of ['code.ts', `${nested}/types.ts`]) {
      const refused = others.filter((to) =>
        violations.has(`suites-apart: test/${from}/${file} -> test/${to}/thing.ts`),
      );
      expect({ file, refused }).toEqual({ file, refused: others.filter((to) => !mayImport(from, to)) });
    }
  });

  test.each(['hack', 'examples'])('%s imports only what suites share', (top) => {
    const refused = everySuite.filter((to) =>
      violations.has(`support-only: ${top}/tool.ts -> test/${to}/thing.ts`),
    );
    expect(refused).toEqual(everySuite.filter((to) => !shared.includes(to)));
  });

  test('nothing else is rejected, such as files that a suite imports from itself', () => {
    const other = /^(?!suites-apart|support-only)|own\.ts/;
    expect([...violations].filter((each) => other.test(each))).toEqual([]);
  });

  test('test/support/README.md has a line for each of its folders, and for no other', () => {
    const text = readFileSync(join(checkout, 'test/support/README.md'), 'utf8');
    const listed = [...text.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, name = '']) => `support/${name}`);
    expect(listed).toEqual(foldersOf('support').toSorted());
  });
});

test('a new folder of src must be added to the table', async () => {
  const violations = await violationsIn({
    'src/new/a.ts': `import { thing } from '../base/thing.ts';\nthing;\n`,
    'src/base/thing.ts': thing,
  });
  expect([...violations]).toEqual(['unlisted-folder: src/new/a.ts -> src/base/thing.ts']);
});
