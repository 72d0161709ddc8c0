import { appendFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Records which archives have been loaded into the nodes of a running cluster: loading one again takes seconds. The
 * record is in the cluster's folder and is removed with it.
 */
export class LoadedArchives {
  readonly #file: string;

  constructor(clusterFolder: string) {
    this.#file = join(clusterFolder, 'loaded-archives');
  }

  /** The archives that have not been loaded yet, or that have changed since. */
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
