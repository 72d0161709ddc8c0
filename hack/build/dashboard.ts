import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build, type Rolldown } from 'vite';
import { withoutJsonSchemas } from './without-json-schemas.ts';
import type { PageIndex } from '../../src/server/rest/pages/page-files.ts';

const source = join('src', 'web', 'dashboard');

/**
 * Builds the dashboard: files whose names contain the hash of their content, and an index, as of every page of the
 * service. Vite and not esbuild, because its bundler drops what is unused of the schemas' library
 * (docs/decisions/0018-dashboard-built-with-vite.md).
 */
export async function buildDashboard(checkout: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const result = await build({
    configFile: false,
    envDir: false,
    root: resolve(checkout),
    base: '/dashboard/assets/',
    publicDir: false,
    plugins: [withoutJsonSchemas],
    logLevel: 'warn',
    mode: 'production',
    // Whatever NODE_ENV the build runs with: the same sources result in the same bytes.
    define: { 'process.env.NODE_ENV': '"production"' },
    resolve: { conditions: ['module', 'browser', 'production'] },
    oxc: { jsx: { runtime: 'automatic', development: false } },
    build: {
      outDir: resolve(folder),
      emptyOutDir: false,
      assetsDir: '',
      target: 'es2022',
      // Every browser that has light-dark() preloads modules.
      modulePreload: { polyfill: false },
      // An image in the style sheet as data: would be no file with a name of its own; there is none.
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      // A test has the limit, of the compressed size.
      chunkSizeWarningLimit: 2_000,
      rolldownOptions: {
        onLog: (level, log, handle) => {
          // 'use client' in libraries, for frameworks with server components.
          if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
        },
        input: {
          dashboard: resolve(checkout, source, 'main.tsx'),
          style: resolve(checkout, source, 'dashboard.css'),
        },
        output: {
          entryFileNames: 'dashboard-[hash].js',
          chunkFileNames: '[name]-[hash].js',
          assetFileNames: '[name]-[hash][extname]',
        },
      },
    },
  });
  await writeFile(
    join(folder, 'index.json'),
    `${JSON.stringify(indexOf(outputsOf(result)), undefined, 2)}\n`,
  );
}

type Output = Rolldown.OutputChunk | Rolldown.OutputAsset;

function outputsOf(result: Awaited<ReturnType<typeof build>>): readonly Output[] {
  if ('on' in result) throw new Error('the dashboard was watched instead of built');
  return [result].flat().flatMap(({ output }) => output);
}

function indexOf(outputs: readonly Output[]): PageIndex {
  const script = outputs.find((each): each is Rolldown.OutputChunk => each.type === 'chunk' && each.isEntry);
  if (script === undefined) throw new Error('the dashboard has no script');
  const files = outputs.map(({ fileName }) => fileName).toSorted();
  return {
    script: script.fileName,
    styles: files.filter((name) => name.endsWith('.css')),
    preload: [...script.imports],
    files,
  };
}
