import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildRelayPage } from '../../src/relay/page/build.ts';
import { buildAgoraFixtures } from '../../test/fixtures/agora/build.ts';
import { buildCloudFixtures } from '../../test/fixtures/clouds/build.ts';
import { withLock } from '../tools/lock.ts';
import { buildClient } from './client.ts';
import { contentHash } from './content-hash.ts';
import { copyApiDocs } from './api-docs.ts';
import { buildDashboard } from './dashboard.ts';
import { buildPages } from './pages.ts';
import { copyOriginAssets } from './origin-assets.ts';
import { bundleProgram } from './program.ts';

/** All inputs of dist/. The versions of the dependencies are in the lock file. */
const inputs = [
  ...['src', 'test/fixtures/agora', 'test/fixtures/clouds', 'hack/build', 'package-lock.json'],
  // The tools that the clouds fixture uses.
  ...['hack/cluster/free-ports.ts', 'hack/cluster/wait-until.ts', 'hack/system'],
];
/** In dist/: the hash of the inputs that it was built from. */
const hashFile = '.inputs';

/**
 * Rebuilds FOLDER unless it was built from the same sources. It is swapped in when complete: a failed build leaves the
 * last good one.
 */
export async function buildEverything(checkout: string, folder: string): Promise<void> {
  // Where git, linters and image builds do not search.
  const work = join(checkout, 'node_modules/.cache/livechannel-build');
  await withLock(join(work, 'lock'), async () => {
    const hash = await contentHash(checkout, inputs, [process.version]);
    const last = await readFile(join(folder, hashFile), 'utf8').catch(() => undefined);
    if (last === hash) return;
    const partial = join(work, 'partial');
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    await Promise.all([
      bundleProgram(checkout, partial),
      buildClient(checkout, join(partial, 'client')),
      copyApiDocs(join(partial, 'api-docs')),
      buildPages(checkout, join(partial, 'pages')),
      buildDashboard(checkout, join(partial, 'pages', 'dashboard')),
      buildRelayPage(join(partial, 'relay-page')),
      buildAgoraFixtures(join(partial, 'demo')),
      buildCloudFixtures(join(partial, 'demo')),
      copyOriginAssets(join(partial, 'origin-assets')),
    ]);
    await writeFile(join(partial, hashFile), hash);
    await rm(folder, { recursive: true, force: true });
    await rename(partial, folder);
  });
}
