import { basename, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, stop } from 'esbuild';

const folder = join(import.meta.dirname, 'page');

/** Each with the controls that it has for live streams. */
export const players = {
  'bare hls.js': 'bare-hls.ts',
  /** What an app with React pays before a player does anything. */
  'hls.js in React': 'react-hls.tsx',
  '@livechannel/react': 'ours.tsx',
  'media-chrome': 'media-chrome.ts',
  vidstack: 'vidstack.js',
  'video.js': 'video-js.ts',
} as const;
export type PlayerName = keyof typeof players;
export const playerNames = Object.keys(players) as PlayerName[]; // the keys of the table above

/** A page with each player: what a server serves, by path. */
export interface PlayerPages {
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Path of a player's page. */
  pathOf(player: PlayerName): string;
  /** Bytes of scripts after gzip, given their paths; those that measure are left out. */
  gzipBytes(scripts: readonly string[]): number;
  /** Of these, what an app that uses React has anyway: 0 for players without it. */
  reactBytes(player: PlayerName): number;
}

/** Bundles the players as an app would, minified and with their code split where they split it. */
export async function buildPlayerPages(): Promise<PlayerPages> {
  const files = new Map<string, Uint8Array>();
  for (const [at, name] of playerNames.entries()) {
    const outputs = await bundle(players[name], `/${String(at)}/`);
    for (const [path, contents] of outputs) files.set(path, contents);
    const style = outputs.find(([path]) => extname(path) === '.css');
    files.set(pathOf(name), Buffer.from(html(`/${String(at)}/page.js`, style?.[0])));
  }
  for (const [path, contents] of await bundle('measure.ts', '/measure/')) files.set(path, contents);
  const react = await bundle('react-alone.tsx', '/react/');
  await stop();
  return {
    files,
    pathOf,
    gzipBytes: (scripts) =>
      bytesOf(scripts.filter((path) => !path.startsWith('/measure/')).map((path) => files.get(path))),
    reactBytes: (player) =>
      players[player].endsWith('.tsx') ? bytesOf(react.map(([, contents]) => contents)) : 0,
  };
}

/** The page of the soak, /soak. */
export async function buildSoakPage(): Promise<ReadonlyMap<string, Uint8Array>> {
  const outputs = await bundle('soak.tsx', '/');
  await stop();
  const style = outputs.find(([path]) => extname(path) === '.css');
  return new Map([...outputs, ['/soak', Buffer.from(html('/page.js', style?.[0], ''))]]);
}

async function bundle(source: string, prefix: string): Promise<readonly [string, Uint8Array][]> {
  const { outputFiles } = await build({
    entryPoints: { page: join(folder, source) },
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    outdir: '/',
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  return outputFiles.map(({ path, contents }) => [`${prefix}${basename(path)}`, contents]);
}

function bytesOf(files: readonly (Uint8Array | undefined)[]): number {
  return files.reduce((sum, file) => sum + gzipSync(file ?? '', { level: 9 }).length, 0);
}

function pathOf(name: PlayerName): string {
  return `/player/${String(playerNames.indexOf(name))}`;
}

/** `before`: what is loaded before the script. */
const html = (
  script: string,
  style: string | undefined,
  before = '<script type="module" src="/measure/page.js"></script>',
): string => `<!doctype html><html lang="en">
<meta charset="utf-8"><title>Player</title><link rel="icon" href="data:,">
${style === undefined ? '' : `<link rel="stylesheet" href="${style}">`}
<style>
  #player { width: 640px; height: 360px; background: black }
  #player > video { width: 100%; height: 100% }
</style>
<div id="player"></div>
${before}
<script type="module" src="${script}"></script>`;
