import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { contentHash } from '../../../../hack/build/content-hash.ts';

describe('the hash of inputs', () => {
  let root = '';
  const hash = (...salt: string[]) => contentHash(root, ['program/*.mjs', 'page'], salt);

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'livechannel-hash-'));
    await mkdir(join(root, 'program/other'), { recursive: true });
    await mkdir(join(root, 'page/deep'), { recursive: true });
    await writeFile(join(root, 'program/main.mjs'), 'main');
    await writeFile(join(root, 'page/deep/page.js'), 'page');
  });
  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  test('is stable without changes, and ignores files that are not inputs', async () => {
    const before = await hash();
    await writeFile(join(root, 'program/notes.txt'), 'not a program');
    await writeFile(join(root, 'program/other/deep.mjs'), 'in another folder');
    expect(await hash()).toBe(before);
  });

  test.each([
    ['contents', () => writeFile(join(root, 'page/deep/page.js'), 'Page')],
    ['a file name', () => rename(join(root, 'page/deep/page.js'), join(root, 'page/deep/other.js'))],
    ['a new file', () => writeFile(join(root, 'program/more.mjs'), '')],
    ['the executable bit', () => chmod(join(root, 'program/main.mjs'), 0o755)],
  ])('changes with %s', async (_what, change) => {
    const before = await hash();
    await change();
    expect(await hash()).not.toBe(before);
  });

  test('changes with the salt', async () => {
    expect(await hash('node 24')).not.toBe(await hash('node 25'));
  });

  test('reports a missing input', async () => {
    await rm(join(root, 'page'), { recursive: true });
    await expect(hash()).rejects.toThrow(/page is missing/);
  });
});
