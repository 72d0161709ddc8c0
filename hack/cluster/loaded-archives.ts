import { appendFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Which archives the nodes of a running cluster have been given: reading one
 * again takes seconds. Kept in the cluster's folder, so forgotten with it.
 */
export class LoadedArchives {
  readonly #file: string;

  constructor(clusterFolder: string) {
    this.#file = join(clusterFolder, 'loaded-archives');
  }

  /** Those of the archives that were not loaded yet, or have changed since. */
  async missing(archives: readonly string[]): Promise<string[]> {
    const loaded = (await readFile(this.#file, 'utf8').catch(() => '')).split('\n');
    const lines = await Promise.all(archives.map(describe));
    return archives.filter((_, index) => !loaded.includes(lines[index] ?? ''));
  }

  async add(archive: string): Promise<void> {
    await appendFile(this.#file, `${await describe(archive)}\n`);
  }
}

async function describe(archive: string): Promise<string> {
  const { size, mtimeMs } = await stat(archive);
  return `${String(size)} ${String(mtimeMs)} ${archive}`;
}
