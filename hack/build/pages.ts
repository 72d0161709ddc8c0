import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import type { PageIndex } from '../../src/server/rest/pages/page-files.ts';

/** A page of the service: src/web/NAME/main.tsx and, if it is there, NAME.css. */
interface PageSource {
  readonly name: string;
  /** Part of the path of a module that is imported later, but that nearly every visit needs. */
  readonly soon?: string;
}

const pages: readonly PageSource[] = [
  // Nearly every show plays with the light build of hls.js: without this, it is found only when the player starts.
  { name: 'embed', soon: '/hls.light.' },
  { name: 'seller-page' },
];

/** Builds the pages of the service into a folder each. */
export async function buildPages(checkout: string, folder: string): Promise<void> {
  await Promise.all(pages.map((page) => buildPage(checkout, page, join(folder, page.name))));
}

/** Builds a page: files whose names contain the hash of their content, and an index. */
async function buildPage(checkout: string, { name, soon }: PageSource, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const source = join('src', 'web', name);
  const style = join(source, `${name}.css`);
  const { metafile } = await build({
    absWorkingDir: checkout,
    entryPoints: {
      [name]: join(source, 'main.tsx'),
      ...(existsSync(join(checkout, style)) ? { style } : {}),
    },
    outdir: folder,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'eof',
    metafile: true,
    logLevel: 'warning',
  });
  const outputs = Object.entries(metafile.outputs).map(
    ([path, { entryPoint = '', cssBundle, inputs, imports }]) => ({
      name: basename(path),
      entryPoint,
      cssBundle: cssBundle === undefined ? undefined : basename(cssBundle),
      inputs: Object.keys(inputs),
      imports: imports.filter(({ kind }) => kind === 'import-statement').map((each) => basename(each.path)),
    }),
  );
  const script = outputs.find(({ entryPoint }) => entryPoint.endsWith('main.tsx'));
  if (script === undefined) throw new Error(`the ${name} page has no script`);
  const engine =
    soon === undefined ? undefined : outputs.find(({ inputs }) => inputs.some((path) => path.includes(soon)));
  const index: PageIndex = {
    script: script.name,
    styles: [
      ...outputs.filter(({ entryPoint }) => entryPoint === style).map((each) => each.name),
      ...(script.cssBundle === undefined ? [] : [script.cssBundle]),
    ],
    preload: [
      ...new Set([...script.imports, ...(engine === undefined ? [] : [engine.name, ...engine.imports])]),
    ],
    files: outputs.map((each) => each.name).toSorted(),
  };
  await writeFile(join(folder, 'index.json'), `${JSON.stringify(index, undefined, 2)}\n`);
}
