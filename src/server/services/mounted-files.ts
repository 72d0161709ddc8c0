import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../base/error-text.ts';

/**
 * Reads the files of a mounted Secret, by name; undefined if the folder does not exist. Kubernetes' own entries (..data)
 * are left out.
 */
export async function mountedFiles(folder: string): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
    const contents = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
    return new Map(names.map((name, index) => [name, contents[index] ?? '']));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
