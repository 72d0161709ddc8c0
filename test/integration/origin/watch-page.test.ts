import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'puppeteer-core';
import { z } from 'zod';
import { openChromium } from '../../support/browser/chromium.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { startOriginProcess, type OriginProcess } from '../../support/origin/origin-process.ts';
import { publish } from '../../support/ingest/rtmps-publisher.ts';

let origin: OriginProcess;
let browser: Browser;
beforeAll(async () => {
  origin = await startOriginProcess();
  browser = await openChromium();
}, 90_000);
afterAll(async () => {
  await browser.close();
  await origin[Symbol.asyncDispose]();
});

const stateSchema = z.object({ time: z.number(), width: z.number(), status: z.string() });

type State = z.infer<typeof stateSchema>;

/** Waits for this state of the page: the player's position, the video's width, and the status line. */
function untilPage(
  page: Page,
  what: string,
  seconds: number,
  accept: (state: State) => boolean,
): Promise<State> {
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

test('the page waits for the stream, plays it, and continues when another publisher replaces the first', async () => {
  const stream = await origin.put('lc-watched');
  const url = stream.playbackUrl.replace('/hls/', '/watch/').replace('/index.m3u8', '');
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  await untilPage(page, 'the page waits', 20, ({ status }) => status.startsWith('Off air'));

  const first = publish({ ...stream, caFile: origin.caFile });
  const playing = await untilPage(
    page,
    'a moving video',
    40,
    ({ time, status }) => time > 0.5 && status.startsWith('Live'),
  );
  expect(playing.width).toBe(320);
  expect((await origin.get('lc-watched')).viewers).toBe(1);

  await using _second = publish({ ...stream, caFile: origin.caFile, size: '480x270' });
  await first.ended;
  const changed = await untilPage(page, 'the new video', 40, ({ width }) => width === 480);
  await untilPage(page, 'playback continues', 20, ({ time }) => time > changed.time + 3);
  expect(complaints).toEqual([]);
  await page.close();
}, 150_000);

test('after the last segment, the page shows nothing again', async () => {
  const stream = await origin.put('lc-left');
  const page = await browser.newPage();
  await page.goto(stream.playbackUrl.replace('/hls/', '/watch/').replace('/index.m3u8', ''));
  {
    await using _publisher = publish({ ...stream, caFile: origin.caFile });
    await untilPage(page, 'a moving video', 40, ({ time }) => time > 0.5);
  }
  const times: number[] = [];
  await untilPage(page, 'nothing more arrives', 60, ({ time, status }) => {
    if (status.startsWith('Live')) times.push(time);
    return !status.startsWith('Live');
  });
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  expect(times.length).toBeGreaterThan(20);
  await page.close();
}, 150_000);

test('the page recovers by itself when the origin is restarted', async () => {
  const stream = await origin.put('lc-restarted');
  const url = stream.playbackUrl.replace('/hls/', '/watch/').replace('/index.m3u8', '');
  const before = publish({ ...stream, caFile: origin.caFile });
  const page = await browser.newPage();
  await page.goto(url);
  await untilPage(page, 'a moving video', 40, ({ time }) => time > 0.5);
  await origin.terminate();
  await before.ended;
  const again = await origin.restart();
  try {
    await using _publisher = publish({ ...stream, size: '480x270', caFile: origin.caFile });
    await untilPage(page, 'the new video', 60, ({ width }) => width === 480);
  } finally {
    await page.close();
    await again.terminate();
  }
}, 150_000);
