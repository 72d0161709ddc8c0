import { expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { programs, type ProgramName } from '../../../hack/test/programs.ts';

const folder = 'test/bench';
/** A file that ends with -main.ts is a process that a benchmark starts. */
const benches = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('-main.ts'))
  .map((name) => name.replace(/\.ts$/, ''));
const makefile = readdirSync('hack/make')
  .map((name) => readFileSync(join('hack/make', name), 'utf8'))
  .join('\n');

const sourceOf = (name: string): string => readFileSync(join(folder, `${name}.ts`), 'utf8');
const targets = [...makefile.matchAll(/^bench-([a-z-]+):.*##(.*)\n\t@(.*)$/gm)].map(
  ([, name = '', help = '', recipe = '']) => ({ name, help, recipe }),
);

test('there are benchmarks, each with a make target, and no other targets', () => {
  expect(benches.length).toBeGreaterThan(7);
  expect(targets.map(({ name }) => name).toSorted()).toEqual(benches.toSorted());
});

test.each(benches)(
  'bench-%s goes through openBench, which installs what it needs and ends what it starts',
  (name) => {
    const source = sourceOf(name);
    expect(/\bopenBench\(\{\n {2}name: '([a-z-]+)'/.exec(source)?.[1]).toBe(name);
    expect(source.match(/^await bench\.run\(/gm)).toHaveLength(1);
    expect(source).toMatch(/^ {2}needs: \(/m);
  },
);

/** Files that start a program, and what it is called in hack/test/programs.ts. */
const startedBy: Readonly<Record<string, readonly ProgramName[]>> = {
  'hack/cluster/control-plane.ts': ['apiServer'],
  'test/fixtures/agora/ffmpeg-host.ts': ['ffmpeg'],
  'test/fixtures/postgres.ts': ['postgres'],
  'test/support/ingest/ingest-server.ts': ['ingest'],
  'test/support/relay/relay-process.ts': ['chromium', 'ffmpeg'],
  'test/support/relay/relay-path.ts': ['build'],
  'test/support/faults/toxic-path.ts': ['toxiproxy'],
  'test/bench/rivals/media-recorder.ts': ['chromium', 'ffmpeg'],
  'test/bench/rivals/screen-grab.ts': ['screen', 'ffmpeg'],
};

/** The file, and all that it imports, but for types. */
function importsOf(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(
    /^(?:import|export)(?! type)[^;']* from '(\.[^']+\.ts)';$/gm,
  ))
    importsOf(join(dirname(file), path), found);
  return found;
}

test.each([...benches.map((name) => `test/bench/${name}.ts`), 'test/lifecycle/main.ts'])(
  '%s needs all that it starts',
  (file) => {
    const needed = [...importsOf(file)].flatMap((each) => startedBy[each] ?? []);
    const source = readFileSync(file, 'utf8');
    const needs =
      /^ {2}needs: [^]*?\],$/m.exec(source)?.[0] ?? /ensurePrograms\([^)]*\)/.exec(source)?.[0] ?? '';
    expect(needed.filter((program) => !needs.includes(`'${program}'`))).toEqual([]);
  },
);

test('the files that start programs are there', () => {
  expect(Object.keys(startedBy).filter((file) => !existsSync(file))).toEqual([]);
});

test.each(benches)('bench-%s reports its progress, prints a table and writes its results', (name) => {
  const source = sourceOf(name);
  expect(source).toContain('bench.report(');
  expect(source).toContain('bench.write(');
  expect(source).toContain('markdownTable(');
});

test.each(benches)(
  'bench-%s reads settings that it has declared, and leaves signals to openBench',
  (name) => {
    const source = sourceOf(name);
    expect(source).not.toMatch(/process\.env\b|process\.on\(|process\.exit\(/);
  },
);

test.each(targets)('make help shows the variables of bench-$name', ({ name, help, recipe }) => {
  const settings = /^ {2}settings: \{(.*?)\n? {0,2}\},?$/ms.exec(sourceOf(name))?.[1] ?? '';
  const variables = [...settings.matchAll(/\b([A-Z]+): \w+Setting\(/g)].map(([, variable]) => variable);
  expect(variables.length).toBeGreaterThan(0);
  for (const variable of variables) expect(help).toContain(variable);
  expect(recipe).toMatch(new RegExp(`^node (?:--expose-gc )?test/bench/${name}\\.ts \\$\\(FLAGS\\)$`));
});

test('every program that suites and benchmarks need says where it comes from', () => {
  for (const program of Object.values(programs)) expect(Object.keys(program).length).toBeGreaterThan(0);
});
