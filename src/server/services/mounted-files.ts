import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../base/error-text.ts';

/**
 * Reads the files of a mounted Secret, by name; undefined if the folder does not exist. Kubernetes' own entries (..data)
 * are left out.
 */
export async function mountedBytes(folder: string): Promise<ReadonlyMap<string, Buffer> | undefined> {
  try {
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
    const read = async (name: string) => [name, await readFile(join(folder, name))] as const;
    return new Map(await Promise.all(names.map(read)));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Like `mountedBytes`, as text. */
export async function mountedFiles(folder: string): Promise<ReadonlyMap<string, string> | undefined> {
  const files = await mountedBytes(folder);
  return files && new Map([...files].map(([name, bytes]) => [name, bytes.toString('utf8')]));
}
