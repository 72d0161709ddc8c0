import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * What CommonJS dependencies expect to find in a module: `require` for Node's own modules. The names are unlikely to
 * collide with others, because every chunk starts with this.
 */
const requireForCommonJs =
  "import { createRequire as livechannelCreateRequire } from 'node:module';" +
  'const require = livechannelCreateRequire(import.meta.url);';

/**
 * Bundles src/main.ts with its dependencies into FOLDER/livechannel.mjs and chunks beside it. The chunks are in the
 * same folder so that `import.meta.dirname` is the folder of the program in every module.
 */
export async function bundleProgram(checkout: string, folder: string): Promise<void> {
  await build({
    absWorkingDir: checkout,
    entryPoints: { livechannel: join('src', 'main.ts') },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Stack traces stay readable, and property names that are looked up by string are kept.
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    legalComments: 'eof',
    banner: { js: requireForCommonJs },
    logLevel: 'warning',
  });
}
