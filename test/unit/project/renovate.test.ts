import { glob, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { tools, type Tool } from '../../../hack/tools/catalog.ts';

const checkout = resolve(import.meta.dirname, '../../..');
const configSchema = z.looseObject({
  customManagers: z.array(
    z.looseObject({ managerFilePatterns: z.array(z.string()), matchStrings: z.array(z.string()) }),
  ),
});
const foundSchema = z.object({ datasource: z.string(), depName: z.string(), currentValue: z.string() });
type Found = z.infer<typeof foundSchema> & { readonly file: string };

let config: z.infer<typeof configSchema>;
let files: readonly string[];
const found: Found[] = [];

/** Renovate encloses a pattern in slashes. */
const pattern = (text: string): RegExp => new RegExp(text.slice(1, -1));

beforeAll(async () => {
  config = configSchema.parse(JSON.parse(await readFile(join(checkout, 'renovate.json'), 'utf8')));
  const listed: string[] = [];
  for await (const file of glob(['{hack,test}/**/*.ts', '.github/workflows/*.yml'], { cwd: checkout }))
    listed.push(file);
  files = listed;
  for (const { managerFilePatterns, matchStrings } of config.customManagers)
    for (const file of files.filter((each) => managerFilePatterns.some((form) => pattern(form).test(each)))) {
      const text = await readFile(join(checkout, file), 'utf8');
      for (const form of matchStrings)
        for (const { groups } of text.matchAll(new RegExp(form, 'g')))
          found.push({ file, ...foundSchema.parse(groups) });
    }
});

test('every version of a Go program in the catalog is matched', () => {
  // Programs of version 1 are in this repository.
  const pinned = tools.filter((tool: Tool) => tool.version !== '1').map(({ version }) => version);
  const inCatalog = found.filter(({ file }) => file === 'hack/tools/catalog.ts');
  expect(inCatalog.map(({ currentValue }) => currentValue).toSorted()).toEqual(pinned.toSorted());
  for (const { datasource } of inCatalog) expect(datasource).toBe('go');
});

test('Go itself, the Python packages of the tests, and the Kubernetes version of CI are matched', () => {
  expect(found.map(({ depName }) => depName)).toEqual(
    expect.arrayContaining(['go', 'boto3', 'schemathesis']),
  );
  expect(found.filter(({ depName }) => depName === 'k8s.io/kubernetes').map(({ file }) => file)).toEqual(
    expect.arrayContaining(['hack/tools/catalog.ts', '.github/workflows/test.yml']),
  );
});

test('every renovate comment is matched', async () => {
  const commented: string[] = [];
  for (const file of files.filter((each) => !each.startsWith('test/unit/'))) {
    const text = await readFile(join(checkout, file), 'utf8');
    for (const [, name = ''] of text.matchAll(/(?:\/\/|#) renovate: .*depName=(\S+)/g))
      commented.push(`${file} ${name}`);
  }
  expect(found.map(({ file, depName }) => `${file} ${depName}`).toSorted()).toEqual(commented.toSorted());
});

test('the expressions are valid in RE2, which renovate uses', () => {
  for (const { matchStrings, managerFilePatterns } of config.customManagers)
    for (const form of [...matchStrings, ...managerFilePatterns]) expect(form).not.toMatch(/\(\?<?[=!]|\\\d/);
});
