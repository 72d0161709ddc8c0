import { expect, test } from '@jest/globals';
import { API_VERSION } from '../../../../src/api/names.ts';
import { streamingPlatformSchema, type StreamingPlatform } from '../../../../src/api/streaming-platform.ts';
import { listPrices } from '../../../../src/costs/price-book.ts';
import { compareCosts } from '../../../../src/server/services/cost-comparison.ts';
import { costHours } from '../../../../src/server/services/cost-hours.ts';
import type { CostEntry } from '../../../../src/store/store.ts';

const hour = new Date('2026-11-23T05:00:00Z');
const entry = (platform: string, line: string, dollars: number, quantity: number): CostEntry => ({
  namespace: 'shop',
  channelId: 'show',
  hour,
  show: hour,
  platform,
  line,
  microDollars: Math.round(dollars * 1_000_000),
  quantity,
  estimated: true,
  prices: '2026-10-09',
  missingSeconds: 0,
});
const platform = (name: string, block: object): StreamingPlatform =>
  streamingPlatformSchema.parse({
    apiVersion: API_VERSION,
    kind: 'StreamingPlatform',
    metadata: { name, uid: name },
    spec: { credentialsRef: { namespace: 'livechannel', name }, ...block },
  });
const platforms = [
  platform('ivs-eu', { provider: 'ivs', ivs: { region: 'eu-west-1' } }),
  platform('cloudflare', { provider: 'cloudflare', cloudflare: { accountId: '0'.repeat(32) } }),
  platform('own', { provider: 'rtmp', rtmp: {} }),
];

/** An hour at 1080p with 100 viewers on IVS and 10 on Agora, where one costs 0.54 USD an hour. */
const show = [
  entry('agora', 'agora-relay', 0.54, 3_600),
  entry('agora', 'agora-viewers', 5.4, 36_000),
  entry('ivs-eu', 'ingest', 2, 3_600),
  entry('ivs-eu', 'delivery', 14.4, 360_000),
];

test('the cost of the same hour on other platforms, calculated by hand', () => {
  const compared = compareCosts(costHours(show), platforms, () => '1080p', listPrices);
  expect(compared.onAgoraAlone).toBeCloseTo(110 * 540_000, 0);
  expect(compared.onPlatforms['ivs-eu']).toBeCloseTo(540_000 + 2_000_000 + 110 * 144_000, 0);
  // Always recorded there: 0.30 USD for the hour.
  expect(compared.onPlatforms['cloudflare']).toBeCloseTo(540_000 + 300_000 + 110 * 60_000, 0);
  expect(compared.onPlatforms).not.toHaveProperty('own'); // Its costs are unknown.
  // 2.54 USD an hour are saved at 0.396 USD a viewer: with 7 viewers, not with 6.
  expect(compared.breakEvenViewers).toBe(7);
});

test('the pod of the relay is part of the costs on every platform', () => {
  const { onPlatforms } = compareCosts(
    costHours([...show, entry('pod', 'pod', 0.16, 3_600)]),
    platforms,
    () => '1080p',
    listPrices,
  );
  expect(onPlatforms['cloudflare']).toBeCloseTo(540_000 + 160_000 + 300_000 + 110 * 60_000, 0);
});

test('the host costs the same everywhere, and does not change the break-even', () => {
  const hosted = [...show, entry('agora', 'agora-host', 0.0594, 3_600)];
  const compared = compareCosts(costHours(hosted), platforms, () => '1080p', listPrices);
  expect(compared.onAgoraAlone).toBeCloseTo(59_400 + 110 * 540_000, 0);
  expect(compared.onPlatforms['ivs-eu']).toBeCloseTo(59_400 + 540_000 + 2_000_000 + 110 * 144_000, 0);
  expect(compared.breakEvenViewers).toBe(7);
});

test.each([
  // a, input, delivery: USD an hour. IVS Standard and Cloudflare at 720p, IVS Basic.
  [0.2394, 2, 0.072, 14],
  [0.2394, 0.3, 0.06, 4],
  [0.2394, 0.2, 0.072, 3],
  [0.06, 2, 0.072, null], // Agora is never more expensive.
])(
  'a viewer at $%s on Agora, $%s an hour on air and $%s a viewer on HLS: break-even at %s',
  (a, input, d, viewers) => {
    const entries = [
      entry('agora', 'agora-relay', a, 3_600),
      entry('ivs-eu', 'ingest', input, 3_600),
      entry('ivs-eu', 'delivery', 50 * d, 50 * 3_600),
    ];
    expect(compareCosts(costHours(entries), [], () => '720p', listPrices).breakEvenViewers ?? null).toBe(
      viewers,
    );
  },
);
