import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { writeCode, writeDocuments, writeTypes } from './npm-package.ts';

const source = join('src', 'web', 'player');

/** The subpaths of the package, each a file of src. */
const entries = {
  public: 'web/player/public',
  'text-de': 'web/player/text/de',
  seller: 'web/seller/public',
  'seller-text-de': 'web/seller/text/de',
} as const;

const styles = {
  player: join(source, 'player.css'),
  seller: join('src', 'web', 'seller', 'seller.css'),
} as const;

/**
 * Builds the package @livechannel/react into FOLDER, ready for `npm pack`:
 *
 *   package.json, README.md, LICENSE   the version is the project's
 *   public.js                          the player; chunk-*.js are loaded when it plays, hls.js among their imports
 *   seller.js                          what a seller sees
 *   text-de.js, seller-text-de.js      another language
 *   player.css, seller.css             their look, for the app to import
 *   *.d.ts                             their types
 */
export async function buildPlayer(checkout: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all([
    // Bundlers drop the directives of the sources; frameworks with server components read that of each file.
    writeCode(checkout, folder, { entries, banner: "'use client';" }),
    look(checkout, folder),
    writeTypes(checkout, folder, {
      project: join('hack', 'build', 'player.tsconfig.json'),
      entries,
      external: [/^react(?:-dom)?(?:\/|$)/, /^hls\.js(?:\/|$)/],
    }),
    writeDocuments(checkout, folder, join(source, 'package')),
  ]);
}

async function look(checkout: string, folder: string): Promise<void> {
  await build({
    absWorkingDir: checkout,
    entryPoints: styles,
    outdir: folder,
    bundle: true,
    minify: true,
    target: 'es2022',
    logLevel: 'warning',
  });
  // TypeScript 6 resolves imports of style sheets, too.
  for (const name of Object.keys(styles)) await writeFile(join(folder, `${name}.css.d.ts`), 'export {};\n');
}
