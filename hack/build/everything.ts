import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildRelayPage } from '../../src/relay/page/build.ts';
import { buildAgoraFixtures } from '../../test/fixtures/agora/build.ts';
import { copyOriginAssets } from './origin-assets.ts';
import { bundleProgram } from './program.ts';

/** Fills FOLDER anew. It is swapped in when complete: a failed build leaves the last good one. */
export async function buildEverything(checkout: string, folder: string): Promise<void> {
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await Promise.all([
    bundleProgram(checkout, partial),
    buildRelayPage(join(partial, 'relay-page')),
    buildAgoraFixtures(join(partial, 'demo')),
    copyOriginAssets(join(partial, 'origin-assets')),
  ]);
  await rm(folder, { recursive: true, force: true });
  await rename(partial, folder);
}
