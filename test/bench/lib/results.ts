import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { foldersFrom } from '../../../hack/tools/folders.ts';

/** Writes bench-results/NAME.json. */
export async function writeResults(name: string, results: object): Promise<void> {
  const folder = join(foldersFrom(process.env).checkout, 'bench-results');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(results, undefined, 2)}\n`);
}
