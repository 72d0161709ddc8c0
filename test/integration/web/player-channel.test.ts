import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { HlsServer } from '../../fixtures/hls/hls-server.ts';
import { PlayerStage } from './player-stage.ts';

let stage: PlayerStage;
let server: HlsServer;
beforeAll(async () => {
  stage = await PlayerStage.open();
  ({ server } = stage);
}, 180_000);
afterAll(() => stage[Symbol.asyncDispose]());

test('a viewer waits for the host, watches the show, and reads that it is over', async () => {
  const playbackUrl = server.begin('show');
  server.channels.set('show', { playbackUrl, onAir: false });
  await using players = await stage.playChannel('show');
  await players.until('waiting', 20, ({ state }) => state === 'waiting-for-host');
  server.channels.set('show', { playbackUrl, onAir: true });
  await players.untilPlaying(30);
  server.fault('show', { frozenAt: Date.now(), ended: true });
  server.channels.set('show', { playbackUrl, onAir: false, wanted: false });
  await players.until('the end', 30, ({ state }) => state === 'ended');
  players.expectNoFaults();
}, 120_000);

test('a viewer of a channel that migrates sees the other stream, without a reload or a black frame', async () => {
  const before = server.begin('before');
  server.channels.set('migrates', { playbackUrl: before, onAir: true });
  await using players = await stage.playChannel('migrates');
  await players.untilPlaying(30);
  const first = await players.each((page) => page.see());
  const seen = Math.max(...first.map(({ clock = 0 }) => clock));
  await players.each((page) => page.takeLongestStill());
  // The clock of the other stream is a minute ahead, which tells the two apart.
  const after = server.begin('after', { startedAt: Date.now() - 80_000 });
  server.channels.set('migrates', { playbackUrl: after, onAir: true });
  await players.until(
    'the other stream',
    30,
    ({ state, clock = 0 }) => state === 'playing' && clock > seen + 30_000,
  );
  const stills = await players.each(
    async (page) => `${page.viewer} ${(await page.takeLongestStill()).toFixed(0)} ms`,
  );
  console.log(`stood still at most, around a migration: ${stills.join(', ')}`);
  await players.untilPlaying(30);
  const last = await players.each((page) => page.see());
  expect(last.map(({ interruptions }) => interruptions)).toEqual(
    first.map(({ interruptions }) => interruptions),
  );
  players.expectNoFaults();
}, 120_000);

test('a signed address that has expired is renewed, and playback goes on', async () => {
  const playbackUrl = server.begin('signed');
  const signed = (token: string): void => {
    server.channels.set('signed', { playbackUrl, hlsUrl: `${playbackUrl}?token=${token}`, onAir: true });
  };
  server.fault('signed', { token: 'first' });
  signed('first');
  await using players = await stage.playChannel('signed');
  await players.untilPlaying(30);
  signed('second');
  server.fault('signed', { token: 'second' });
  const before = Math.max(...(await players.each((page) => page.see())).map(({ clock = 0 }) => clock));
  await players.until('what was produced afterwards', 30, ({ clock = 0 }) => clock > before + 10_000);
  await players.untilPlaying(30);
  players.expectNoFaults();
}, 120_000);
