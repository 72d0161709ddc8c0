import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, stop } from 'esbuild';
import { buildDashboard } from '../../../hack/build/dashboard.ts';
import { readPageFiles } from '../../../src/server/rest/pages/page-files.ts';
import type { ServedFile } from './busy-service.ts';

const checkout = join(import.meta.dirname, '../../..');

export interface DashboardPages {
  readonly files: ReadonlyMap<string, ServedFile>;
  /** What the first page loads, after gzip. */
  readonly firstLoadBytes: { readonly ours: number; readonly naive: number };
}

/** The dashboard as it is shipped, and the pages of this benchmark beside it. */
export async function buildPages(): Promise<DashboardPages> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-dashboard-'));
  const files = new Map<string, ServedFile>();
  try {
    await buildDashboard(checkout, folder);
    const { index, files: built } = await readPageFiles(pathToFileURL(`${folder}/`));
    const assets = '/dashboard/assets';
    for (const [name, { type, gzipped }] of built)
      files.set(`${assets}/${name}`, { type, body: gzipped, encoding: 'gzip' });
    const head = [
      ...index.styles.map((name) => `<link rel="stylesheet" href="${assets}/${name}">`),
      ...index.preload.map((name) => `<link rel="modulepreload" href="${assets}/${name}">`),
      `<script type="module" src="${assets}/${index.script}"></script>`,
    ];
    files.set('/dashboard', html(head.join(''), 'dashboard'));
    const naive = await addScripts(files);
    const needed = [index.script, ...index.styles, ...index.preload];
    const ours = needed.reduce((sum, name) => sum + (built.get(name)?.gzipped.length ?? 0), 0);
    return { files, firstLoadBytes: { ours, naive } };
  } finally {
    await rm(folder, { recursive: true });
    await stop();
  }
}

/** Returns the bytes of the naive page's script after gzip. */
async function addScripts(files: Map<string, ServedFile>): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: ['measure.ts', 'naive.tsx', 'charts.tsx'].map((name) =>
      join(import.meta.dirname, 'page', name),
    ),
    bundle: true,
    minify: true,
    write: false,
    outdir: '/',
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  for (const { path, contents } of outputFiles)
    files.set(`/${basename(path)}`, { type: 'text/javascript', body: contents });
  files.set('/naive', html('<script defer src="/naive.js"></script>', 'root'));
  files.set('/charts', html('', 'root', '<script src="/charts.js"></script>'));
  return gzipSync(files.get('/naive.js')?.body ?? '', { level: 9 }).length;
}

function html(head: string, root: string, end = ''): ServedFile {
  const text = `<!doctype html><html lang="en" class="lc-root"><head><meta charset="utf-8"><title>Dashboard</title>
    <link rel="icon" href="data:,"><script src="/measure.js"></script>${head}</head>
    <body><div id="${root}"></div>${end}</body></html>`;
  return { type: 'text/html; charset=utf-8', body: Buffer.from(text) };
}
