import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { BuiltImage } from './build-images.ts';

const listSchema = z.record(z.string(), z.object({ ref: z.string(), archive: z.string() }));

/** The images of this checkout's last build, by name: LOCAL/images.json. */
export function imageListFile(local: string): string {
  return join(local, 'images.json');
}

export async function readImageList(local: string): Promise<Record<string, BuiltImage>> {
  const file = imageListFile(local);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Error(`${file} is missing. Run "make images" first.`, { cause });
  });
  return listSchema.parse(JSON.parse(text));
}

/** Writes the list. Images that this build did not touch keep their entries. */
export async function updateImageList(local: string, built: ReadonlyMap<string, BuiltImage>): Promise<void> {
  await mkdir(local, { recursive: true });
  const before = await readImageList(local).catch(() => ({}));
  const list = { ...before, ...Object.fromEntries(built) };
  const file = imageListFile(local);
  await writeFile(`${file}.partial`, `${JSON.stringify(list, undefined, 2)}\n`);
  await rename(`${file}.partial`, file);
}
