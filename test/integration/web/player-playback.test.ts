import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'puppeteer-core';
import { z } from 'zod';
import type { HlsServer } from '../../fixtures/hls/hls-server.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { observeFor } from '../../support/wait/observe-for.ts';
import type { PlayerPage } from '../../support/browser/player-page.ts';
import { PlayerStage } from './player-stage.ts';

let stage: PlayerStage;
let server: HlsServer;
beforeAll(async () => {
  stage = await PlayerStage.open();
  ({ server } = stage);
}, 180_000);
afterAll(() => stage[Symbol.asyncDispose]());

test('a viewer sees the clock advance, hears sound, and reads how far behind the origin it is', async () => {
  const url = server.begin('plays');
  await using players = await stage.play(url);
  await players.untilPlaying(30);
  const { startedAt } = server.lifeOf('plays');
  for (const { latency, clock = 0 } of await players.each((page) => page.see())) {
    // The frame on the screen was produced at startedAt plus what its clock shows.
    const behind = (Date.now() - startedAt - clock) / 1_000;
    expect(latency).toBeDefined();
    expect(Math.abs((latency ?? 0) - behind)).toBeLessThanOrEqual(1.5);
  }
  await players.until('sound', 10, ({ sound }) => sound);
  players.expectNoFaults();
}, 90_000);

/** What the page's player says of itself. */
const snapshotSchema = z.object({
  quality: z.object({
    options: z.array(z.object({ height: z.number() })),
    choice: z.union([z.literal('auto'), z.number()]),
    playing: z.number().optional(),
  }),
  connection: z.object({ quality: z.string(), cause: z.string().optional() }),
  captions: z.object({ available: z.boolean(), on: z.boolean() }),
});

describe('in Chromium, a viewer', () => {
  const snapshotOf = async (page: Page): Promise<z.infer<typeof snapshotSchema>> =>
    snapshotSchema.parse(await page.evaluate('player.snapshot()'));
  const until = (
    page: Page,
    what: string,
    accept: (snapshot: z.infer<typeof snapshotSchema>) => boolean,
  ): Promise<boolean> =>
    eventually(what, 40, async () => {
      const snapshot = await snapshotOf(page);
      if (!accept(snapshot)) throw new Error(JSON.stringify(snapshot));
      return true;
    });
  const expectNoFaults = (player: PlayerPage): void => {
    expect(player.faults()).toEqual({ complaints: [], black: 0 });
  };

  test('chooses a level, which is remembered; the data saver holds when the player changes its size', async () => {
    const src = await server.beginRenditions('levels', { heights: [720, 480, 240] });
    // Pixels of the device count: the player is large enough for each level.
    const viewport = { width: 1280, height: 800, deviceScaleFactor: 2 };
    const open = (): ReturnType<PlayerStage['playInChromium']> =>
      stage.playInChromium({ src }, (opened) => opened.setViewport(viewport));
    const first = await open();
    await first.player.untilPlaying(30);
    await until(first.page, 'the best level', ({ quality }) => quality.playing === 720);
    expect((await snapshotOf(first.page)).quality.options.map(({ height }) => height)).toEqual([
      720, 480, 240,
    ]);
    await first.page.evaluate('player.setQuality(240)');
    await until(first.page, 'the lowest', ({ quality }) => quality.playing === 240 && quality.choice === 240);
    expectNoFaults(first.player);
    await first.page.close();
    const { player, page } = await open();
    await player.untilPlaying(30);
    await until(page, 'the same', ({ quality }) => quality.playing === 240 && quality.choice === 240);
    await page.evaluate('player.setDataSaver(true), player.setQuality("auto")');
    await until(page, 'the highest that saves data', ({ quality }) => quality.playing === 480);
    await page.evaluate(`document.querySelector('#player').style.width = '720px'`);
    server.takeRequests();
    await observeFor(6);
    expect(server.takeRequests().filter((path) => path.includes('/720/'))).toEqual([]);
    expectNoFaults(player);
    await page.close();
  }, 120_000);

  test('hears sound that has a playlist of its own, and reads captions', async () => {
    const src = await server.beginRenditions('tracks', { separateAudio: true, captions: true });
    const { player, page } = await stage.playInChromium({ src });
    await player.untilPlaying(30);
    await player.until('sound', 20, ({ sound }) => sound);
    await until(page, 'captions', ({ captions }) => captions.available && !captions.on);
    await page.evaluate('player.setCaptions(true)');
    const shown = `[...document.querySelector('video').textTracks].filter(({ mode }) => mode === 'showing')
      .flatMap(({ activeCues }) => [...activeCues].map(({ text }) => text)).join()`;
    await eventually('a caption', 30, async () => {
      expect(await page.evaluate(shown)).toMatch(/^Segment \d+/);
      return true;
    });
    await page.evaluate('player.setCaptions(false)');
    expect(await page.evaluate(shown)).toBe('');
    expectNoFaults(player);
    await page.close();
  }, 90_000);

  test('is nearer to live where the playlist has parts', async () => {
    const ordinary = await stage.playInChromium({ src: server.begin('ordinary') });
    await ordinary.player.untilPlaying(30);
    const { latency: usual = 0 } = await ordinary.player.until(
      'a distance to live',
      20,
      ({ latency }) => latency !== undefined,
    );
    await ordinary.page.close();
    const { player, page } = await stage.playInChromium({ src: await server.beginLowLatency('parts') });
    const { clock: from = 0 } = await player.until('a frame', 30, ({ clock }) => clock !== undefined);
    let parts = 0;
    await player.until('a shorter distance to live, by parts', 40, ({ latency = usual }) => {
      parts += server.takeRequests().filter((path) => /\/\d+\.\d\.m4s$/.test(path)).length;
      return parts > 4 && latency < usual;
    });
    // So near to live, a busy machine is heard: that the show goes on is what counts.
    await player.until('three seconds of the show', 30, ({ clock = 0 }) => clock > from + 3_000);
    expectNoFaults(player);
    await page.close();
  }, 120_000);

  test('reads that the network is slow, and watches on when it is better', async () => {
    const src = await server.beginRenditions('throttled', {});
    const { player, page } = await stage.playInChromium({ src });
    await player.untilPlaying(30);
    // Bytes a second.
    await page.emulateNetworkConditions({ download: 8_000, upload: 8_000, latency: 100 });
    await until(page, 'a poor connection', ({ connection }) => connection.quality === 'poor');
    await player.until(
      'a wait in words',
      40,
      ({ state }) => state === 'buffering' || state === 'reconnecting',
    );
    await page.emulateNetworkConditions(null);
    await player.untilPlaying(30);
    expectNoFaults(player);
    await page.close();
  }, 120_000);
});
