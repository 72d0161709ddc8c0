import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { build, type OutputFile } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { z } from 'zod';
import { InstalledApp } from '../../support/client/installed-app.ts';
import { blocksOf, readDoc } from '../../support/docs/markdown-blocks.ts';

// npm installs packages, and tsc reads all of their types.
jest.setTimeout(300_000);

/**
 * What an app loads at first for the player beside React and hls.js: its entry with all that this imports statically, and
 * the style sheet, minified, in bytes of gzip. Never raise it: what is not needed for the first frame is imported later.
 */
const BUDGET = 20 * 1024;
/** With all that may follow: each browser and show needs a part of it. */
const WHOLE_BUDGET = 36 * 1024;
/** The same for what a seller sees, at first. The preview loads the player when it is asked for. */
const SELLER_BUDGET = 20 * 1024;

const checkout = resolve(import.meta.dirname, '../../..');
const installed = 'node_modules/@livechannel/react';
const react = (version: string): string[] =>
  ['react', 'react-dom', '@types/react', '@types/react-dom'].map((name) => `${name}@${version}`);

let app: InstalledApp;
let oldApp: InstalledApp;
beforeAll(async () => {
  app = await InstalledApp.create({ package: 'player', packages: react('19') });
  oldApp = await InstalledApp.create({ package: 'player', tarball: app.tarball, packages: react('18') });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await oldApp[Symbol.asyncDispose]();
});
const apps = [
  ['19', () => app],
  ['18', () => oldApp],
] as const;

describe('the tarball', () => {
  test('has the version of the project, and contains nothing but code, look, types and documents', async () => {
    const versionSchema = z.object({ version: z.string() });
    const [project, own] = await Promise.all(
      [join(checkout, 'package.json'), join(app.folder, installed, 'package.json')].map(async (path) =>
        versionSchema.parse(JSON.parse(await readFile(path, 'utf8'))),
      ),
    );
    expect(own).toEqual(project);
    const files = await readdir(join(app.folder, installed));
    const others = files.filter((path) => !/^[\w-]+\.(?:js|d\.ts|css|css\.d\.ts)$/.test(path));
    expect(others.toSorted()).toEqual(['LICENSE', 'README.md', 'package.json']);
  });

  test('imports React, and hls.js only when playback starts', async () => {
    const loaded = { atOnce: new Set<string>(), later: new Set<string>(), types: new Set<string>() };
    const files = await readdir(join(app.folder, installed));
    for (const path of files) {
      const text = await app.read(join(installed, path));
      const found = (pattern: RegExp): string[] =>
        [...text.matchAll(pattern)].map(([, name = '']) =>
          name.replace(/^(react(?:-dom)?|hls\.js)\/.*/, '$1'),
        );
      if (path.endsWith('.ts')) for (const name of found(/from ?"([^".][^"]*)"/g)) loaded.types.add(name);
      if (!path.endsWith('.js')) continue;
      for (const name of found(/(?:from|^import) ?"([^".][^"]*)"/gm)) loaded.atOnce.add(name);
      for (const name of found(/import\("([^".][^"]*)"\)/g)) loaded.later.add(name);
    }
    expect(['react', 'react-dom']).toEqual(expect.arrayContaining([...loaded.atOnce]));
    expect(['hls.js']).toEqual(expect.arrayContaining([...loaded.later]));
    expect(['react']).toEqual(expect.arrayContaining([...loaded.types]));
  });

  test('marks each file as client code, for frameworks with server components', async () => {
    const files = await readdir(join(app.folder, installed));
    for (const path of files.filter((each) => each.endsWith('.js')))
      expect(await app.read(join(installed, path))).toMatch(/^'use client';/);
  });

  test('has no fault that publint finds', async () => {
    const { messages, pkg } = await publint({ pkgDir: join(app.folder, installed), strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  test('has types that agree with its code, in every kind of module resolution', async () => {
    const result = await checkPackage(createPackageFromTarballData(await readFile(app.tarball)));
    const problems = 'problems' in result ? result.problems : ['there are no types'];
    // The oldest kind knows no subpaths of package.json; and require() of ESM is what Node 22.12 introduced.
    const others = problems.filter(
      (problem) =>
        typeof problem === 'string' ||
        !(
          problem.kind === 'CJSResolvesToESM' ||
          (problem.kind === 'NoResolution' && problem.resolutionKind === 'node10')
        ),
    );
    expect(others).toEqual([]);
  });
});

const page = `
import '@livechannel/react/player.css';
import { en, LiveChannelHLS, playerStates } from '@livechannel/react';
import type { LiveChannelHLSProps, PlayerState, Texts, TicketSource } from '@livechannel/react';

const ticket: TicketSource = async () => 'ticket';
const first: PlayerState | undefined = playerStates[0];
const english: Texts = en;
const more: Partial<LiveChannelHLSProps> = { title: 'Autumn sale', texts: english };

export function Page() {
  return (
    <main title={first}>
      <LiveChannelHLS
        channelId="4711"
        api="https://live.example.com"
        ticket={ticket}
        onStateChange={(state: PlayerState) => { document.title = state; }}
        onUseAgora={(at: Date) => { document.title = at.toISOString(); }}
      />
      <LiveChannelHLS src="https://hls.example/4711.m3u8" title={more.title} texts={more.texts} />
    </main>
  );
}
`;
const sellerPage = `
import '@livechannel/react/seller.css';
import { en, SellerPreview, SellerStreamHealth } from '@livechannel/react/seller';
import type { AgoraFigures, SellerStreamHealthProps, SellerTexts } from '@livechannel/react/seller';

const channel = { channelId: '4711', api: 'https://live.example.com', ticket: async () => 'ticket' };
const agora: AgoraFigures = { uplinkQuality: 1, at: 0 };
const english: SellerTexts = en;
const more: Partial<SellerStreamHealthProps> = { title: 'Autumn sale', texts: english };

export function SellerPage() {
  return (
    <main>
      <SellerStreamHealth {...channel} agora={agora} title={more.title} texts={more.texts} />
      <SellerPreview {...channel} theme="dark" />
    </main>
  );
}
`;
const jsx = { jsx: 'react-jsx' };

describe.each(apps)('an app with React %s', (major, current) => {
  test('installs the player, React, hls.js and nothing else', async () => {
    const { packages } = z
      .object({ packages: z.record(z.string(), z.object({ version: z.string() })) })
      .parse(JSON.parse(await current().read('node_modules/.package-lock.json')));
    const names = Object.keys(packages).map((path) => path.replace('node_modules/', ''));
    // What React itself needs, and its types.
    const ofReact = /^(?:react|react-dom|scheduler|loose-envify|js-tokens|csstype|@types\/.+)$/;
    expect(names.filter((name) => !ofReact.test(name)).toSorted()).toEqual(['@livechannel/react', 'hls.js']);
    expect(packages['node_modules/react']?.version).toMatch(new RegExp(`^${major}\\.`));
  });

  test.each([
    ['nodenext', jsx],
    [
      'a bundler and the strictest options',
      {
        ...{ ...jsx, module: 'esnext', moduleResolution: 'bundler', verbatimModuleSyntax: true },
        ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
        noUncheckedSideEffectImports: true,
      },
    ],
  ])('compiles, checked with the libraries, with %s', async (_, options) => {
    const files = { 'page.tsx': page, 'seller-page.tsx': sellerPage };
    expect(await current().compile(files, options)).toEqual({ code: 0, text: '' });
  });

  test('does not compile with a property that the player does not have', async () => {
    const wrong = `import { LiveChannelHLS } from '@livechannel/react';\nexport const view = <LiveChannelHLS chanelId="1" />;\n`;
    const { code, text } = await current().compile({ 'wrong.tsx': wrong }, jsx);
    expect(code).not.toBe(0);
    expect(text).toMatch(/wrong\.tsx\(2,\d+\).*chanelId/);
  });

  test('renders on a server, where there is no browser', async () => {
    const program = `
      import { createElement } from 'react';
      import { renderToString } from 'react-dom/server';
      import { LiveChannelHLS } from '@livechannel/react';
      import { SellerPreview, SellerStreamHealth } from '@livechannel/react/seller';
      const channel = { channelId: '4711', api: 'https://live.example.com', ticket: () => 'none' };
      for (const component of [LiveChannelHLS, SellerStreamHealth, SellerPreview])
        console.log(renderToString(createElement(component, channel)));
    `;
    const { code, text } = await current().run('server.mjs', program);
    expect({ code, text }).toEqual({ code: 0, text: expect.stringMatching(/^<[^]*<video|^<video/) });
    expect(text).not.toMatch(/undefined|\[object|Warning/);
  });

  test('compiles with another language', async () => {
    const german = `import { LiveChannelHLS, type Texts } from '@livechannel/react';
import type { SellerTexts } from '@livechannel/react/seller';
import { de as sellerTexts } from '@livechannel/react/seller/text/de';
import { de } from '@livechannel/react/text/de';
const texts: Texts = de;
export const forSellers: SellerTexts = sellerTexts;
export const view = <LiveChannelHLS src="https://hls.example/4711.m3u8" texts={texts} />;
`;
    expect(await current().compile({ 'german.tsx': german }, jsx)).toEqual({ code: 0, text: '' });
  });

  test('bundles for browsers, with the style sheet', async () => {
    await current().write('page.tsx', page);
    const files = await bundled(current(), 'page.tsx', []);
    expect(files.filter(({ path }) => path.endsWith('.css'))).toHaveLength(1);
    const code = files.filter(({ path }) => path.endsWith('.js'));
    expect(code.length).toBeGreaterThan(0);
    for (const { text } of code) expect(text).not.toMatch(/from ?"node:|require\("node:/);
  });
});

test('what the pages of docs and the README show compiles against the package', async () => {
  const pages = [
    await readDoc('build/player.md'),
    await readDoc('build/seller.md'),
    await app.read(join(installed, 'README.md')),
  ];
  const blocks = pages.flatMap((text) => blocksOf(text, 'tsx'));
  expect(blocks.length).toBeGreaterThan(2);
  const files = Object.fromEntries(blocks.map((text, index) => [`block-${String(index)}.tsx`, text]));
  expect(await app.compile(files, { ...jsx, skipLibCheck: true })).toEqual({ code: 0, text: '' });
});

test('the player costs an app no more than its budget, at first and in all, over React and hls.js', async () => {
  await app.write('page.tsx', page);
  const files = await bundled(app, 'page.tsx', ['react', 'react-dom', 'hls.js']);
  const first = filesAtFirst(files, 'page.js');
  console.log(`the player: ${kib(sizeOf(first))} KiB of gzip at first, ${kib(sizeOf(files))} KiB in all`);
  expect(sizeOf(first)).toBeLessThanOrEqual(BUDGET);
  expect(sizeOf(files)).toBeLessThanOrEqual(WHOLE_BUDGET);
});

// Each is a text of one part that no minifier changes.
test.each([
  ['menus and dialogs', 'menuitem'],
  ['what talks to the service', 'text/event-stream'],
  ['quality reports', 'visibilitychange', 'pagehide'],
  ['what connects hls.js', 'liveSyncDurationCount'],
  ['the engine of old iPhones', 'getStartDate'],
  ['the probe of a stream that failed', '#EXT-X-STREAM-INF:'],
  ['the system’s media controls', 'setActionHandler'],
])('%s: not loaded at first', async (_, ...parts) => {
  await app.write('page.tsx', page);
  const files = await bundled(app, 'page.tsx', ['react', 'react-dom', 'hls.js']);
  const has = ({ text }: OutputFile): boolean => parts.every((part) => text.includes(part));
  const first = filesAtFirst(files, 'page.js');
  expect([files.some(has), first.some(has)]).toEqual([true, false]);
});

test('what a seller sees costs an app no more than its budget, over React', async () => {
  await app.write('seller-page.tsx', sellerPage);
  const files = await bundled(app, 'seller-page.tsx', ['react', 'react-dom', 'hls.js']);
  const first = filesAtFirst(files, 'seller-page.js');
  expect(sizeOf(first)).toBeLessThanOrEqual(SELLER_BUDGET);
  // A text of the player's session, which only the preview needs.
  expect(first.some(({ text }) => text.includes('webkitendfullscreen'))).toBe(false);
});

test('the engine is in files that a page loads when playback starts', async () => {
  await app.write('page.tsx', page);
  const files = await bundled(app, 'page.tsx', []);
  const first = files.find(({ path }) => path.endsWith('/page.js'));
  // A text of hls.js that no minifier changes.
  expect(first?.text).not.toMatch(/fragParsingError/);
});

const kib = (bytes: number): string => (bytes / 1024).toFixed(1);

/** In bytes of gzip. */
const sizeOf = (files: readonly OutputFile[]): number =>
  files.reduce((total, { contents }) => total + gzipSync(contents, { level: 9 }).length, 0);

/** The entry, what it imports in any number of steps, and the style sheets: what a page loads before anything is asked for. */
function filesAtFirst(files: readonly OutputFile[], entry: string): readonly OutputFile[] {
  const reached = new Set(files.filter(({ path }) => path.endsWith('.css') || path.endsWith(`/${entry}`)));
  for (const file of reached)
    for (const [, name = ''] of file.text.matchAll(/(?:from|import)"\.\/([^"]+)"/g))
      for (const imported of files.filter(({ path }) => path.endsWith(`/${name}`))) reached.add(imported);
  return [...reached];
}

function bundled(
  of: InstalledApp,
  entry: string,
  external: readonly string[],
): Promise<readonly OutputFile[]> {
  return build({
    absWorkingDir: of.folder,
    entryPoints: [entry],
    outdir: 'out',
    bundle: true,
    splitting: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    jsx: 'automatic',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
    external: external.flatMap((name) => [name, `${name}/*`]),
    write: false,
    logLevel: 'silent',
  }).then(({ outputFiles }) => outputFiles);
}
