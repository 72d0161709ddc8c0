import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { launch, type Browser, type Page } from 'puppeteer-core';
import { z } from 'zod';
import { eventually } from '../../e2e/lib/eventually.ts';
import { startOriginProcess, type OriginProcess } from './origin-process.ts';
import { publish } from './publisher.ts';

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

/** What the viewer sees: how far the player is, how wide the picture is, and the line below it. */
async function look(page: Page): Promise<z.infer<typeof stateSchema>> {
  return stateSchema.parse(
    await page.evaluate(`({
      time: document.querySelector('video').currentTime,
      width: document.querySelector('video').videoWidth,
      status: document.getElementById('status').textContent,
    })`),
  );
}

test('the page waits for the stream, plays it, and goes on when another publisher takes over', async () => {
  const stream = await origin.put('lc-watched');
  const url = stream.playbackUrl.replace('/hls/', '/watch/').replace('/index.m3u8', '');
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  await eventually('the page to say that it waits', 20, async () =>
    (await look(page)).status.startsWith('Off air') ? true : undefined,
  );

  const first = publish({ ...stream, caFile: origin.caFile });
  const playing = await eventually('the page to play', 40, async () => {
    const state = await look(page);
    return state.time > 0.5 && state.status.startsWith('Live') ? state : undefined;
  });
  expect(playing.width).toBe(320);
  expect((await origin.get('lc-watched')).viewers).toBe(1);

  await using _second = publish({ ...stream, caFile: origin.caFile, size: '480x270' });
  await first.ended;
  const changed = await eventually('the new picture', 40, async () => {
    const state = await look(page);
    return state.width === 480 ? state : undefined;
  });
  await eventually('it to go on', 20, async () =>
    (await look(page)).time > changed.time + 3 ? true : undefined,
  );
  expect(complaints).toEqual([]);
  await page.close();
}, 150_000);

test('the page recovers by itself when the origin is restarted', async () => {
  const stream = await origin.put('lc-restarted');
  const url = stream.playbackUrl.replace('/hls/', '/watch/').replace('/index.m3u8', '');
  const before = publish({ ...stream, caFile: origin.caFile });
  const page = await browser.newPage();
  await page.goto(url);
  await eventually('the page to play', 40, async () => ((await look(page)).time > 0.5 ? true : undefined));
  await origin.terminate();
  await before.ended;
  const again = await origin.restart();
  try {
    await using _publisher = publish({ ...stream, size: '480x270', caFile: origin.caFile });
    await eventually('the new picture', 60, async () =>
      (await look(page)).width === 480 ? true : undefined,
    );
  } finally {
    await page.close();
    await again.terminate();
  }
}, 150_000);
