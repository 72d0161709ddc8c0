import { describe, expect, test } from '@jest/globals';
import { builtInPrices } from '../../../src/costs/list-prices.ts';
import { parsePrices } from '../../../src/costs/parse-prices.ts';
import type { PricedPlatform } from '../../../src/costs/price-book.ts';
import { breakEvenViewers, hourOnAgora, hourOnHls, hourlyRates } from '../../../src/costs/viewer-prices.ts';

const [standard, basic, cloudflare, mux]: readonly PricedPlatform[] = [
  { provider: 'ivs', ivs: { channelType: 'STANDARD' } },
  { provider: 'ivs', ivs: { channelType: 'BASIC' } },
  { provider: 'cloudflare' },
  { provider: 'mux' },
];
const figures = (
  platform: PricedPlatform | undefined,
  resolution: '720p' | '1080p',
  tier: 'interactive' | 'broadcast',
) => {
  const found = platform && hourlyRates(builtInPrices, { platform, resolution, tier });
  if (found === undefined) throw new Error('no prices');
  return found;
};

describe('break-even viewers', () => {
  test.each([
    ['interactive', '720p', [14, 4, 4, 10]],
    ['interactive', '1080p', [7, 3, 3, 6]],
    ['broadcast', '720p', [47, 9, 9, 24]],
    ['broadcast', '1080p', [19, 5, 4, 11]],
  ] as const)('%s %s: IVS STANDARD, BASIC, Cloudflare, Mux', (tier, resolution, viewers) => {
    const found = [standard, basic, cloudflare, mux].map((each) =>
      breakEvenViewers(figures(each, resolution, tier)),
    );
    expect(found).toEqual(viewers);
  });

  test('is the first number at which HLS is cheaper', () => {
    const each = figures(standard, '720p', 'interactive');
    expect(hourOnHls(each, 14)).toBeLessThan(hourOnAgora(each, 14));
    expect(hourOnHls(each, 13)).toBeGreaterThan(hourOnAgora(each, 13));
  });
});

describe('the cost of an hour, in cents', () => {
  test.each([
    [100, '720p', [2_394, 952, 662, 662]],
    [1_000, '720p', [23_940, 7_432, 6_062, 4_982]],
    [1_000, '1080p', [53_940, 14_670, 6_100, 6_257]],
  ] as const)('%i viewers at %s: Agora, IVS STANDARD, Cloudflare, Mux', (viewers, resolution, cents) => {
    const found = [standard, cloudflare, mux].map((each) => figures(each, resolution, 'interactive'));
    const agora = hourOnAgora(figures(standard, resolution, 'interactive'), viewers);
    const all = [agora, ...found.map((each) => hourOnHls(each, viewers))];
    expect(all.map((microDollars) => Math.round(microDollars / 10_000))).toEqual(cents);
  });
});

describe('a custom price book', () => {
  const own = (text: string) => parsePrices(text, 'prices.yaml', builtInPrices);

  test('is merged with the built-in one', () => {
    const prices = own(
      'version: shop-1\npod: 0.02\nplatforms:\n  ivs: {delivery: {480p: 0.03, 720p: 0.06, 1080p: 0.1}}\n',
    );
    expect(prices.version).toBe('shop-1');
    const found = hourlyRates(prices, {
      platform: { provider: 'ivs' },
      resolution: '720p',
      tier: 'interactive',
    });
    expect(found).toEqual({ agoraViewer: 239_400, relay: 239_400 + 20_000 + 2_000_000, hlsViewer: 60_000 });
  });

  test('may have prices by kind of channel, and for a platform without list prices', () => {
    const prices = own(
      '{"version":"v","platforms":{"ivs":{"input":{"BASIC":0.1}},"rtmp":{"delivery":0.01}}}',
    );
    const relayOf = (platform: PricedPlatform): number | undefined =>
      hourlyRates(prices, { platform, resolution: '720p', tier: 'interactive' })?.relay;
    expect(relayOf({ provider: 'ivs', ivs: { channelType: 'BASIC' } })).toBe(239_400 + 80_000 + 100_000);
    expect(relayOf({ provider: 'ivs', ivs: { channelType: 'STANDARD' } })).toBe(239_400 + 80_000 + 2_000_000);
    expect(relayOf({ provider: 'rtmp' })).toBe(239_400 + 80_000);
  });

  test('does not price test streams of Mux', () => {
    const prices = own('{"version":"v","platforms":{"mux":{"input":1}}}');
    const inputOf = (test: boolean): number | undefined =>
      prices.platforms.mux?.input({ provider: 'mux', mux: { test } }, '720p');
    expect([inputOf(false), inputOf(true)]).toEqual([1_000_000, 0]);
  });

  test.each([
    ['{', 'neither YAML nor JSON'],
    ['pod: 1', 'version'],
    ['', 'version, agora, pod, platforms'],
    ['- version: v', 'version, agora, pod, platforms'],
    ['version: 3', 'text that names this book'],
    ['version: v\npod: -1', 'pod'],
    ['version: v\npod: 1e300', 'pod'],
    ['version: v\npod: .inf', 'pod'],
    ['version: v\npod: 10001', 'from 0 to 10000'],
    ['version: v\nagora: {tier: gold}', 'interactive or broadcast'],
    ['version: v\nplatforms: {ivs: {deliver: 1}}', 'deliver'],
    ['version: v\nplatforms: {twitch: {}}', 'twitch'],
    ['version: v\nplatforms: {ivs: {input: {STANDRAD: 1}}}', 'platforms.ivs.input'],
    ['version: v\nplatforms: {ivs: {input: {STANDRAD: 1}}}', 'Known members: STANDARD, BASIC'],
    ['version: v\nplatforms: {ivs: {asOf: yesterday}}', 'YYYY-MM-DD'],
    ['version: v\nplatforms: {mux: {input: {STANDARD: 1}}}', 'platforms.mux.input'],
    ['version: v\nagora: {interactive: {720p: 1}}', 'interactive'],
  ])('%j is rejected, with the name of the field', (text, named) => {
    expect(() => own(text)).toThrow(named);
    expect(() => own(text)).toThrow('prices.yaml');
  });
});
