import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { staleFiles, writeGenerated } from '../../../../hack/generate/generated-files.ts';
import { lineDiff } from '../../../../hack/generate/line-diff.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'livechannel-generated-'));
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

test('written files are not stale; changed and missing files are', async () => {
  const files = new Map([
    ['a.yaml', 'a\n'],
    ['folder/b.yaml', 'b\n'],
  ]);
  await writeGenerated(root, files);
  expect(await staleFiles(root, files)).toEqual([]);

  await writeFile(join(root, 'a.yaml'), 'changed\n');
  await rm(join(root, 'folder/b.yaml'));
  expect(await staleFiles(root, files)).toEqual([
    { path: 'a.yaml', present: 'changed\n', wanted: 'a\n' },
    { path: 'folder/b.yaml', present: undefined, wanted: 'b\n' },
  ]);
});

test.each([
  ['one\ntwo\nthree', 'one\n2\nthree', '@@ line 2 @@\n-two\n+2'],
  ['one\ntwo', 'one\ntwo\nthree', '@@ line 3 @@\n+three'],
  ['one\none', 'one', '@@ line 2 @@\n-one'],
  ['', 'one', '@@ line 1 @@\n-\n+one'],
])('the difference between %j and %j', (before, after, diff) => {
  expect(lineDiff(before, after)).toBe(diff);
});
