import { expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoadedArchives } from '../../../../hack/cluster/loaded-archives.ts';

test('an archive is loaded once, and again when it has changed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'loaded-archives-test-'));
  const [first, second] = [join(folder, 'a.tar'), join(folder, 'b.tar')];
  await writeFile(first, 'one');
  await writeFile(second, 'two');
  const loaded = new LoadedArchives(folder);
  expect(await loaded.missing([first, second])).toEqual([first, second]);
  await loaded.add(first);
  expect(await new LoadedArchives(folder).missing([first, second])).toEqual([second]);
  await writeFile(first, 'another');
  expect(await loaded.missing([first])).toEqual([first]);
  await rm(folder, { recursive: true });
});
