import { copyFile, mkdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

/** Files of the player page. The build copies them to origin-assets/ beside the program. */
export const assetFiles = {
  'watch.html': new URL('./assets/watch.html', import.meta.url),
  'watch.js': new URL('./assets/watch.js', import.meta.url),
  'hls.min.js': new URL('../../node_modules/hls.js/dist/hls.min.js', import.meta.url),
} as const;

/**
 * The folder from which the player page is served: the configured one, the one that the build created, or one that is
 * assembled in `runtimeDir` when the program runs from its sources.
 */
export async function findAssets(given: string | undefined, runtimeDir: string): Promise<string> {
  if (given !== undefined) return given;
  const built = fileURLToPath(new URL('./origin-assets', import.meta.url));
  if (
    await stat(built).then(
      (entry) => entry.isDirectory(),
      () => false,
    )
  )
    return built;
  const collected = join(runtimeDir, 'assets');
  await mkdir(collected, { recursive: true });
  for (const [name, source] of Object.entries(assetFiles)) await copyFile(source, join(collected, name));
  return collected;
}
