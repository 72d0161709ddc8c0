import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build, type Plugin } from 'esbuild';
import type { Browser, Page } from 'puppeteer-core';
import { openChromium } from '../../support/browser/chromium.ts';
import { blocksOf, readDoc } from '../../support/docs/markdown-blocks.ts';
import { checkout } from '../../support/docs/pages.ts';
import { eventually } from '../../support/wait/eventually.ts';

/**
 * The buyer's and the seller's page of docs/build/integrate.md in a real browser. The player for HLS, the SDK of Agora and the app's back end
 * are doubles that the test commands; the video of the host is a real stream, and a waiting page does so at fifty times the
 * speed.
 */
const doubles: Readonly<Record<string, string>> = {
  '@livechannel/react': `export const en = {}; export function LiveChannelHLS(props) { window.hls = props; return <p>HLS</p>; }`,
  '@livechannel/react/player.css': '',
  '@livechannel/react/seller': 'export function SellerStreamHealth() { return null; }',
  '@livechannel/react/seller.css': '',
  './trpc.ts': `
    const seen = window.seen = [];
    const seller = window.seller = { calls: [], polls: [], isLive: false };
    const change = (name, isLive) => ({ mutate: async () => { seller.calls.push(name); seller.isLive = isLive; return 'starting'; } });
    export const trpc = { show: {
      watch: { query: async (input) => { seen.push(input.onAgora); return window.where; } },
      ticket: { mutate: async () => 'ticket' },
      start: change('start', true),
      stop: change('stop', false),
      status: { query: async ({ live }) => {
        seller.polls.push(live);
        const { isLive } = seller;
        return { isLive, isActive: isLive, status: 'active', wanted: isLive, mode: 'hybrid', viewersKnown: false };
      } },
      hostToken: { mutate: async () => ({ appId: 'app', channelName: '4711', token: 'token', uid: 1 }) },
      viewerToken: { mutate: async ({ uid }) => ({ appId: 'app', channelName: '4711', token: 'token', uid }) },
    } };`,
  'agora-rtc-sdk-ng': `
    function videoTrack() {
      return { play(container) {
        const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 36 });
        const draw = () => { canvas.getContext('2d').fillRect(0, 0, 64, 36); requestAnimationFrame(draw); };
        draw();
        const video = Object.assign(document.createElement('video'), { muted: true, srcObject: canvas.captureStream(10) });
        container.append(video);
        void video.play();
      } };
    }
    const said = window.said = [];
    const audioTrack = { play: () => said.push('sound'), stop: () => said.push('silence') };
    const sdk = window.sdk = { createMicrophoneAndCameraTracks: async () => [{ close() {} }], createClient() {
      const listeners = {};
      return {
        on: (name, listener) => { listeners[name] = listener; },
        async subscribe() {},
        async publish() { said.push('publish'); },
        async join() {
          said.push('join');
          window.publish = async () => {
            const user = { videoTrack: videoTrack(), audioTrack };
            await listeners['user-published'](user, 'audio');
            await listeners['user-published'](user, 'video');
          };
        },
        async leave() { said.push('leave'); },
      };
    } };
    export default sdk;`,
};

const plugin = (files: ReadonlyMap<string, string>): Plugin => ({
  name: 'page',
  setup(bundler) {
    bundler.onResolve({ filter: /.*/ }, ({ path }) =>
      path in doubles || files.has(path) ? { path, namespace: 'page' } : undefined,
    );
    bundler.onLoad({ filter: /.*/, namespace: 'page' }, ({ path }) => ({
      contents: doubles[path] ?? files.get(path) ?? '',
      loader: path.endsWith('.css') ? 'css' : 'tsx',
      resolveDir: checkout,
    }));
  },
});

let browser: Browser;
let script: string;
beforeAll(async () => {
  const markdown = await readDoc('build/integrate.md');
  const blocks = [...blocksOf(markdown, 'tsx'), ...blocksOf(markdown, 'ts')];
  const files = new Map(
    blocks.flatMap((text): [string, string][] => {
      const [, name] = /^\/\/ web\/([\w-]+\.tsx?)\n/.exec(text) ?? [];
      return name === undefined || name === 'trpc.ts' ? [] : [[`./${name}`, text]];
    }),
  );
  const entry = `import { createRoot } from 'react-dom/client';
    import { SellerPage } from './seller-page.tsx';
    import { ShowPlayer } from './show-player.tsx';
    const root = window.root = createRoot(document.querySelector('main'));
    const isSeller = window.where === 'seller';
    root.render(isSeller ? <SellerPage channelId={4711} /> : <ShowPlayer channelId={4711} title="Autumn sale" />);`;
  const bundled = await build({
    stdin: { contents: entry, loader: 'tsx', resolveDir: checkout },
    ...{
      bundle: true,
      write: false,
      format: 'iife',
      jsx: 'automatic',
      plugins: [plugin(files)],
      outdir: '/',
    },
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  script = bundled.outputFiles.find(({ path }) => path.endsWith('.js'))?.text ?? '';
  browser = await openChromium();
}, 90_000);
afterAll(() => browser.close());

async function open(where: string): Promise<Page> {
  const page = await browser.newPage();
  await page.setContent('<main></main>');
  const fast =
    'const slow = setTimeout; window.setTimeout = (run, ms) => slow(run, ms / 50);' +
    ' const every = setInterval; window.setInterval = (run, ms) => every(run, ms / 50);';
  await page.evaluate(`window.where = '${where}'; ${fast}`);
  await page.evaluate(script);
  return page;
}

/** Which players are in the page, the one in front first. */
const players = (page: Page): Promise<unknown> =>
  page.evaluate(`[...document.querySelectorAll('main > div > div')]
    .toSorted((a, b) => b.style.zIndex - a.style.zIndex)
    .map((each) => (each.textContent.includes('HLS') ? 'hls' : 'agora')).join(' ')`);

const become = (page: Page, expected: string): Promise<unknown> =>
  eventually(expected, 20, async () => {
    const found = await players(page);
    if (found !== expected) throw new Error(`the players are "${String(found)}"`);
    return true;
  });

test('a buyer goes to Agora and back, and each player stays until the next one plays', async () => {
  const page = await open('off');
  const text = (): Promise<unknown> => page.evaluate("document.querySelector('main').textContent");
  await eventually('the page says so', 20, async () => (await text()) === 'The show is not on air.');
  await page.evaluate("window.where = 'hls'");
  await become(page, 'hls');
  await page.evaluate("hls.onStateChange('playing'); hls.onMutedChange(false); window.where = 'agora'");
  await eventually('Agora is joined', 20, async () => page.evaluate("said.includes('join')"));
  await become(page, 'hls agora');
  await page.evaluate('publish()');
  await become(page, 'agora');
  await eventually('the back end counts the buyer', 20, () => page.evaluate('seen.at(-1)'));
  // The sound that was on is on here, too.
  expect(await page.evaluate('said.join()')).toMatch(/sound$/);

  await page.evaluate("window.where = 'hls'");
  await become(page, 'agora hls');
  expect(await page.evaluate('hls.muted')).toBe(false);
  await page.evaluate("hls.onStateChange('playing')");
  await become(page, 'hls');
  await eventually('Agora is left', 20, async () => page.evaluate("said.at(-1) === 'leave'"));

  await page.evaluate("window.where = 'off'");
  await eventually('the show is over', 20, async () => (await text()) === 'The show is not on air.');
}, 90_000);

test('a buyer on Agora whose browser refuses sound gets a button for it', async () => {
  const page = await open('agora');
  await eventually('Agora is joined', 20, async () => page.evaluate("said.includes('join')"));
  await page.evaluate('publish()');
  // Nothing was unmuted before.
  expect(await page.evaluate("said.includes('sound')")).toBe(false);
  await page.click('button');
  await eventually('the sound is on', 20, () => page.evaluate("said.at(-1) === 'sound'"));
  await page.evaluate('sdk.onAutoplayFailed()');
  const label = (): Promise<unknown> => page.evaluate("document.querySelector('button').textContent");
  await eventually('the button is there again', 20, async () => (await label()) === 'Turn on sound');
  await page.click('button');
  await eventually('the sound is on again', 20, () => page.evaluate("said.at(-1) === 'sound'"));
}, 90_000);

/** Waits until the seller's page has this sentence and these buttons. */
const shows = (page: Page, sentence: string, ...buttons: readonly string[]): Promise<unknown> =>
  eventually(sentence, 20, async () => {
    const found = await page.evaluate(`JSON.stringify([
      document.querySelector('p').textContent.split(' Viewers')[0],
      ...[...document.querySelectorAll('button:enabled')].map((each) => each.textContent),
    ])`);
    if (found !== JSON.stringify([sentence, ...buttons])) throw new Error(`the page shows ${String(found)}`);
    return true;
  });

test('a seller whose show was ended meanwhile reads so and starts again, and leaving the page ends the show', async () => {
  const page = await open('seller');
  await shows(page, 'You are not live.', 'Go live');
  await page.click('button');
  await shows(page, 'You are live.', 'End the show');
  await page.evaluate('seller.isLive = false');
  const ended = 'The show was ended: this page was not reachable for a minute, or another page ended it.';
  await shows(page, ended, 'Start again');
  await page.click('button');
  await shows(page, 'You are live.', 'End the show');
  await page.evaluate('root.unmount()');
  await eventually('the show ends', 20, async () => page.evaluate('!seller.isLive'));
  expect(await page.evaluate('seller.calls')).toEqual(['start', 'stop', 'start', 'stop']);
  expect(await page.evaluate('said')).toEqual(['join', 'publish', 'leave', 'join', 'publish', 'leave']);
}, 90_000);

test('a page without the show does not count as the seller, and continues or ends it', async () => {
  const page = await open('seller');
  await page.evaluate('seller.isLive = true');
  const elsewhere = 'Your show is live, but not from this page.';
  await shows(page, elsewhere, 'Continue here', 'End the show');
  expect(await page.evaluate('seller.polls.includes(true)')).toBe(false);
  await page.click('button');
  await shows(page, 'You are live.', 'End the show');
  await eventually('the page counts as the seller', 20, () => page.evaluate('seller.polls.at(-1)'));
  await page.click('button');
  await shows(page, 'You are not live.', 'Go live');
  await page.evaluate('seller.isLive = true');
  await shows(page, elsewhere, 'Continue here', 'End the show');
  await page.click('button + button');
  await shows(page, 'You are not live.', 'Go live');
  expect(await page.evaluate('seller.isLive')).toBe(false);
}, 90_000);
