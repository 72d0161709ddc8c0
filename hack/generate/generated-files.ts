import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '../../src/base/error-text.ts';

/** Path in the repository -> content. */
export type GeneratedFiles = ReadonlyMap<string, string>;

export async function writeGenerated(root: string, files: GeneratedFiles): Promise<void> {
  for (const [path, content] of files) {
    const target = join(root, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
  }
}

/** A generated file that differs from what its sources now result in. `present` is undefined if it is missing. */
export interface StaleFile {
  readonly path: string;
  readonly present: string | undefined;
  readonly wanted: string;
}

export async function staleFiles(root: string, files: GeneratedFiles): Promise<readonly StaleFile[]> {
  const stale: StaleFile[] = [];
  for (const [path, wanted] of files) {
    const present = await readIfPresent(join(root, path));
    if (present !== wanted) stale.push({ path, present, wanted });
  }
  return stale;
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
