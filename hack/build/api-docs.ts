import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { documentFiles, documentSources } from '../../src/server/rest/documents.ts';

/** Collects the files of the page /docs of the service. */
export async function copyApiDocs(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of Object.keys(documentFiles))
    await copyFile(new URL(name, documentSources), join(folder, name));
}
