import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { HlsServer, StreamFaults } from '../../fixtures/hls/hls-server.ts';
import type { StreamLife } from '../../fixtures/hls/live-playlist.ts';
import { observeFor } from '../../support/wait/observe-for.ts';
import { PlayerStage } from './player-stage.ts';

let stage: PlayerStage;
let server: HlsServer;
beforeAll(async () => {
  stage = await PlayerStage.open();
  ({ server } = stage);
}, 180_000);
afterAll(() => stage[Symbol.asyncDispose]());

/** Generous for two shared cores: a viewer of an idle machine waits for much less. */
const RECOVERY_SECONDS = 30;

const outages: readonly [what: string, faults: StreamFaults, seconds: number][] = [
  ['the playlist is not found for 4 s', { playlistStatus: 404 }, 4],
  ['the playlist is not found for 25 s', { playlistStatus: 404 }, 25],
  ['the playlist has no content for 6 s', { playlistStatus: 204 }, 6],
  ['the platform is not available for 6 s', { playlistStatus: 503 }, 6],
  ['a gateway answers with a page for 6 s', { garbage: true }, 6],
  ['segments are not found for 10 s', { segmentStatus: 404 }, 10],
  ['segments are slow for 10 s', { segmentDelayMs: 3_500 }, 10],
];

test.each(outages)(
  'playback returns after %s',
  async (what, faults, seconds) => {
    const name = `outage-${String(outages.findIndex(([each]) => each === what))}`;
    await using players = await stage.play(server.begin(name));
    await players.untilPlaying(30);
    server.fault(name, faults);
    await observeFor(seconds);
    server.fault(name, {});
    await players.untilPlayingAgain(what, RECOVERY_SECONDS);
    players.expectNoFaults();
  },
  120_000,
);

/** The sound of a stream is often a little longer than its picture, and the playhead stops at either end. */
test.each([1, 2])(
  'while the playlist is stale, the player reconnects, holds the last frame, and then goes on by itself (%s)',
  async (round) => {
    const name = `stale-${String(round)}`;
    await using players = await stage.play(server.begin(name));
    await players.untilPlaying(30);
    server.fault(name, { frozenAt: Date.now() });
    // Up to 20 s are buffered.
    await players.until('a word for it', 60, ({ state }) => state === 'reconnecting');
    await players.each(async (page) => {
      const shown = new Set<number>();
      for (let sample = 0; sample < 20; sample++) {
        const { clock } = await page.see();
        if (clock !== undefined) shown.add(clock);
        await observeFor(0.2);
      }
      expect(shown.size).toBe(1);
    });
    server.fault(name, {});
    await players.untilPlayingAgain('a stale playlist', RECOVERY_SECONDS);
    players.expectNoFaults();
  },
  120_000,
);

/** The first life has the media sequence 100 to some 110 and the discontinuity sequence 50. */
const restarts: readonly [what: string, life: Partial<StreamLife>][] = [
  ['higher numbers of segments and of discontinuities', { firstSequence: 200, discontinuitySequence: 51 }],
  ['numbers that are higher by 100,000', { firstSequence: 100_200, discontinuitySequence: 100_050 }],
  [
    'lower numbers of segments, a higher one of discontinuities',
    { firstSequence: 0, discontinuitySequence: 51 },
  ],
  [
    'higher numbers of segments, the same one of discontinuities',
    { firstSequence: 200, discontinuitySequence: 50 },
  ],
  [
    'higher numbers of segments, a lower one of discontinuities',
    { firstSequence: 200, discontinuitySequence: 7 },
  ],
  [
    'lower numbers of segments, the same one of discontinuities',
    { firstSequence: 0, discontinuitySequence: 50 },
  ],
  ['numbers that overlap, with other files', { firstSequence: 108, discontinuitySequence: 50 }],
];

test.each(restarts)(
  'playback returns after a restart of the origin with %s',
  async (what, life) => {
    const name = `restart-${String(restarts.findIndex(([each]) => each === what))}`;
    const url = server.begin(name, { firstSequence: 100, discontinuitySequence: 50 });
    await using players = await stage.play(url);
    await players.untilPlaying(30);
    const before = Math.min(...(await players.each((page) => page.see())).map(({ clock = 0 }) => clock));
    server.fault(name, { playlistStatus: 404 });
    await observeFor(4);
    server.restart(name, life);
    server.fault(name, {});
    const restartedAt = performance.now();
    // The clock of the new life begins at 0.
    await players.until(
      'the new life',
      RECOVERY_SECONDS,
      ({ state, clock }) => state === 'playing' && clock !== undefined && clock < before - 2_000,
    );
    await players.untilPlayingAgain(`a restart with ${what}`, RECOVERY_SECONDS, restartedAt);
    players.expectNoFaults();
  },
  120_000,
);

test('a playlist that has ended shows the end, and the next show is played when it begins', async () => {
  await using players = await stage.play(server.begin('ended'));
  await players.untilPlaying(30);
  server.fault('ended', { frozenAt: Date.now(), ended: true });
  await players.until('the end', 30, ({ state }) => state === 'ended');
  server.restart('ended', { firstSequence: 500, discontinuitySequence: 1 });
  server.fault('ended', {});
  // The last probes are 15 s apart.
  await players.untilPlaying(RECOVERY_SECONDS + 25);
  players.expectNoFaults();
}, 120_000);

test('a page that is opened before the stream begins waits for its host, and then plays', async () => {
  const url = server.begin('early');
  server.fault('early', { playlistStatus: 404 });
  await using players = await stage.play(url);
  await players.until(
    'waiting',
    20,
    ({ state, retryAt }) => state === 'waiting-for-host' && retryAt !== undefined,
  );
  server.fault('early', {});
  await players.untilPlayingAgain('a wait for the host', RECOVERY_SECONDS);
  players.expectNoFaults();
}, 120_000);

test('without a network the player says so, and plays again when it is back', async () => {
  const { player, page } = await stage.playInChromium({ src: server.begin('offline') });
  await using _player = player;
  await player.untilPlaying(30);
  await page.setOfflineMode(true);
  await player.until('a word for it', 40, ({ state }) => state === 'reconnecting');
  await page.setOfflineMode(false);
  await player.untilPlaying(RECOVERY_SECONDS);
  expect(player.faults()).toEqual({ complaints: [], black: 0 });
}, 120_000);

test('an address that has expired is not tried without pause, and the player says that it may not watch', async () => {
  await using players = await stage.play(server.begin('expired'));
  await players.untilPlaying(30);
  server.fault('expired', { token: 'renewed' });
  await players.until('a word for it', 30, ({ state }) => state === 'not-allowed');
  server.takeRequests();
  await observeFor(10);
  expect(server.takeRequests().length).toBeLessThan(10 * players.pages.length);
  players.expectNoFaults();
}, 120_000);
