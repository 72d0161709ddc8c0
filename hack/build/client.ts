import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const execute = promisify(execFile);

/**
 * Builds what an app imports as livechannel-operator/client, into FOLDER:
 *
 *   client.mjs                  runs in Node and, bundled by the app, in browsers; imports @trpc/client and eventsource
 *   types/client/client.d.ts    its types; those of the router are beside it and need the types of @trpc/server and zod
 */
export async function buildClient(checkout: string, folder: string): Promise<void> {
  const types = ['-p', join('hack', 'build', 'client.tsconfig.json'), '--outDir', join(folder, 'types')];
  await Promise.all([
    build({
      absWorkingDir: checkout,
      entryPoints: { client: join('src', 'client', 'client.ts') },
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      packages: 'external',
      format: 'esm',
      platform: 'neutral',
      target: 'es2022',
      logLevel: 'warning',
    }),
    execute(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), ...types], {
      cwd: checkout,
    }),
  ]);
}
