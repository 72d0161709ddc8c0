import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { z } from 'zod';

const lockFile = join(import.meta.dirname, '../../../package-lock.json');
const schema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      resolved: z.string().optional(),
      optionalDependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

/** Where node finds `name` from a package at `from`: in its own node_modules, then in those of its parents. */
function places(from: string, name: string): string[] {
  const outer = from.lastIndexOf('node_modules/');
  const here = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
  return from === '' ? [here] : [here, ...places(from.slice(0, Math.max(0, outer - 1)), name)];
}

test('the lock file contains the packages of every platform, which npm ci requires', async () => {
  const { packages } = schema.parse(JSON.parse(await readFile(lockFile, 'utf8')));
  const missing = Object.entries(packages).flatMap(([from, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) =>
      places(from, name).every((place) => !(place in packages)),
    ),
  );
  // npm omits packages that a registry does not have: add them by hand, with version, os and cpu.
  expect(missing).toEqual([]);
});

test('the lock file does not contain where packages were downloaded from', async () => {
  const { packages } = schema.parse(JSON.parse(await readFile(lockFile, 'utf8')));
  expect(Object.values(packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
});
