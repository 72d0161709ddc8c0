import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { launch, type Browser, type Page } from 'puppeteer-core';
import { z } from 'zod';
import { eventually } from '../../support/wait/eventually.ts';
import { startOriginProcess, type OriginProcess } from '../../support/origin/origin-process.ts';
import { publish } from '../../support/ingest/rtmps-publisher.ts';

let origin: OriginProcess;
let browser: Browser;
beforeAll(async () => {
  origin = await startOriginProcess();
  browser = await launch({
    executablePath: '/usr/lib/chromium/chromium-headless-shell',
    args: ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'],
  });
}, 90_000);
afterAll(async () => {
  await browser.close();
  await origin[Symbol.asyncDispose]();
});

const stateSchema = z.object({ time: z.number(), width: z.number(), status: z.string() });

type State = z.infer<typeof stateSchema>;

/** Waits until the viewer sees this: how far the player is, how wide the picture is, and the line below it. */
function sees(page: Page, what: string, seconds: number, accept: (state: State) => boolean): Promise<State> {
  return eventually(what, seconds, async () => {
    const state = stateSchema.parse(
      await page.evaluate(`({
        time: document.querySelector('video').currentTime,
        width: document.querySelector('video').videoWidth,
        status: document.getElementById('status').textContent,
      })`),
    );
    if (accept(state)) return state;
    throw new Error(`the page shows ${JSON.stringify(state)}`);
  });
}

test('the page waits for the stream, plays it, and goes on when another publisher takes over', async () => {
  const stream = await origin.put('lc-watched');
  const url = stream.playbackUrl.replace('/hls/', '/watch/').replace('/index.m3u8', '');
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  await sees(page, 'that it waits', 20, ({ status }) => status.startsWith('Off air'));

  const first = publish({ ...stream, caFile: origin.caFile });
  const playing = await sees(
    page,
    'a moving picture',
    40,
    ({ time, status }) => time > 0.5 && status.startsWith('Live'),
  );
  expect(playing.width).toBe(320);
  expect((await origin.get('lc-watched')).viewers).toBe(1);

  await using _second = publish({ ...stream, caFile: origin.caFile, size: '480x270' });
  await first.ended;
  const changed = await sees(page, 'the new picture', 40, ({ width }) => width === 480);
  await sees(page, 'it to go on', 20, ({ time }) => time > changed.time + 3);
  expect(complaints).toEqual([]);
  await page.close();
}, 150_000);

test('the page recovers by itself when the origin is restarted', async () => {
  const stream = await origin.put('lc-restarted');
  const url = stream.playbackUrl.replace('/hls/', '/watch/').replace('/index.m3u8', '');
  const before = publish({ ...stream, caFile: origin.caFile });
  const page = await browser.newPage();
  await page.goto(url);
  await sees(page, 'a moving picture', 40, ({ time }) => time > 0.5);
  await origin.terminate();
  await before.ended;
  const again = await origin.restart();
  try {
    await using _publisher = publish({ ...stream, size: '480x270', caFile: origin.caFile });
    await sees(page, 'the new picture', 60, ({ width }) => width === 480);
  } finally {
    await page.close();
    await again.terminate();
  }
}, 150_000);
