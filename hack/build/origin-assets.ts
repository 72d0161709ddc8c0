import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { assetFiles } from '../../src/origin/assets.ts';

/** Collects the files of the origin's player page. */
export async function copyOriginAssets(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, source] of Object.entries(assetFiles)) await copyFile(source, join(folder, name));
}
