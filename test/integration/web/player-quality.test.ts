import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { qoeSnapshotSchema, type QoeReport } from '../../../src/server/contract/qoe.ts';
import type { HlsServer } from '../../fixtures/hls/hls-server.ts';
import { AppStage } from '../../support/server/app-stage.ts';
import { authenticateByScope } from '../../support/server/authenticate-by-scope.ts';
import { channelOnAir } from '../../support/server/recording-services.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { observeFor } from '../../support/wait/observe-for.ts';
import { PlayerStage } from './player-stage.ts';

/** A token whose header is that of a ticket; the service of this test knows it as a whole. */
const ticket = `${Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'livechannel-ticket+jwt' })).toString('base64url')}.claims.signature`;

let stage: PlayerStage;
let server: HlsServer;
let service: AppStage;
let api: string;
beforeAll(async () => {
  stage = await PlayerStage.open();
  ({ server } = stage);
  // Another origin than that of the page, as that of an app is.
  service = await AppStage.start(
    { LIVECHANNEL_API_CORS_ORIGINS: [server.url] },
    {
      authenticate: (headers, call, address) =>
        headers.authorization === `Bearer ${ticket}`
          ? { subject: 'ticket:buyer:42', scope: 'playback' }
          : authenticateByScope(headers, call, address),
    },
  );
  api = await service.app.listen({ host: '127.0.0.1', port: 0 });
}, 180_000);
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

/** Lets the service have a channel of this stream. Returns the reports of its players. */
function serve(name: string): () => QoeReport[] {
  const hlsUrl = server.begin(name);
  const { services } = service;
  services.asked.length = 0;
  services.channel = async () => ({ value: { ...channelOnAir, id: name, playbackUrl: hlsUrl }, etag: '"1"' });
  services.playback = async () => ({
    ...{ hlsUrl, latency: 6, latencyMode: 'standard', access: 'public', expiresAt: null, onAir: true },
  });
  return () =>
    services.asked.flatMap(([operation, id, report]) =>
      operation === 'reportQoe' && id === name ? [report as QoeReport] : [],
    );
}

const sumOf = (reports: readonly QoeReport[], figure: 'playing' | 'stalled' | 'stalls' | 'dur'): number =>
  reports.reduce((sum, report) => sum + report[figure], 0);

test('a viewer that plays, stalls and leaves is in the reports of its player', async () => {
  const reports = serve('quality');
  const began = performance.now();
  const { player, page } = await stage.playInChromium({ channel: 'quality', api, ticket });
  await player.untilPlaying(30);
  const [first] = await eventually('a report', 30, () => (reports().length > 0 ? reports() : undefined));
  expect(first).toMatchObject({ seq: 0, state: 'playing', visible: true, stalls: 0, stalled: 0 });
  expect(first?.ua).toMatchObject({ browser: 'chrome', os: 'linux', mobile: false });
  expect(first?.ttff).toBeGreaterThan(0);
  expect(first?.ttff).toBeLessThan(first?.dur ?? 0);
  expect(first?.playing).toBeGreaterThan(1);
  expect(first?.frames).toBeGreaterThan(10);
  expect(first?.lat50).toBeGreaterThan(0);
  expect(first?.h).toBeGreaterThan(0);

  server.fault('quality', { segmentStatus: 503 });
  await player.until('a wait', 60, ({ state }) => state === 'buffering' || state === 'reconnecting');
  await observeFor(3);
  server.fault('quality', {});
  await player.untilPlaying(30);
  await page.close();
  const last = await eventually('the last report', 20, () => {
    const at = reports().at(-1);
    return at?.visible === false ? at : undefined;
  });
  const all = reports();
  expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => index));
  expect(new Set(all.map(({ sid }) => sid)).size).toBe(1);
  expect(last.ttff).toBeUndefined();
  expect(sumOf(all, 'stalls')).toBeGreaterThanOrEqual(1);
  // The page said that it waited for more than 3 s, after a second without a step of the playhead.
  expect(sumOf(all, 'stalled')).toBeGreaterThan(3);
  expect(sumOf(all, 'playing') + sumOf(all, 'stalled')).toBeLessThanOrEqual(sumOf(all, 'dur') + 0.1);
  expect(sumOf(all, 'dur')).toBeLessThanOrEqual((performance.now() - began) / 1_000);
  expect(all.every(({ fatal }) => fatal === undefined)).toBe(true);
}, 180_000);

test('a viewer with Global Privacy Control plays, and reports nothing', async () => {
  const reports = serve('private');
  const { player } = await stage.playInChromium({ channel: 'private', api, ticket }, (page) =>
    page.evaluateOnNewDocument('Object.defineProperty(navigator, "globalPrivacyControl", { value: true })'),
  );
  await using _player = player;
  await player.untilPlaying(30);
  await player.page.evaluate('player.report("lag")');
  await observeFor(12);
  expect(reports()).toEqual([]);
  expect(service.services.asked.filter(([operation]) => operation === 'feedback')).toEqual([
    ['feedback', 'private', { kind: 'lag' }],
  ]);
  expect(player.faults()).toEqual({ complaints: [], black: 0 });
}, 120_000);

test('a complaint has what the player measures', async () => {
  serve('complaint');
  const { player } = await stage.playInChromium({ channel: 'complaint', api, ticket });
  await using _player = player;
  await player.untilPlaying(30);
  await player.page.evaluate('player.report("quality")');
  const [, , complaint] = await eventually('the complaint', 20, () =>
    service.services.asked.find(([operation]) => operation === 'feedback'),
  );
  expect(complaint).toMatchObject({ kind: 'quality', qoe: { state: 'playing', visible: true } });
  const { qoe } = complaint as { readonly qoe: unknown };
  expect(qoeSnapshotSchema.parse(qoe).playing).toBeGreaterThan(0);
  expect(JSON.stringify(complaint)).not.toContain('sid');
}, 120_000);
