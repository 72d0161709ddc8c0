import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { buildRelayPage } from '../page/build.ts';

/** Location of the built page. Disposing of it removes temporary files. */
export interface PageFiles extends AsyncDisposable {
  readonly directory: string;
}

/**
 * Finds the built page: in the image it is beside the bundle; from the source tree it is built into a temporary
 * folder.
 * @throws when there is neither
 */
export async function findPageFiles(): Promise<PageFiles> {
  const beside = fileURLToPath(new URL('relay-page/', import.meta.url));
  if (existsSync(beside)) return { directory: beside, [Symbol.asyncDispose]: () => Promise.resolve() };
  const builder = new URL('../page/build.ts', import.meta.url);
  if (!existsSync(builder)) throw new Error(`The relay's page is missing: ${beside} does not exist.`);
  // Not a literal import: the bundle must not include the bundler.
  const build = (await import(builder.href)) as { buildRelayPage: typeof buildRelayPage };
  const directory = await mkdtemp(join(tmpdir(), 'livechannel-page-'));
  await build.buildRelayPage(directory);
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
}
