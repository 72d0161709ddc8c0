import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { providers } from '../../../src/api/streaming-platform.ts';
import {
  hourlyCost,
  listPrices,
  type Broadcast,
  type PricedPlatform,
} from '../../../src/costs/price-book.ts';
import type { Resolution } from '../../../src/api/values.ts';

const standard: PricedPlatform = { provider: 'ivs', ivs: { channelType: 'STANDARD' } };
const basic: PricedPlatform = { provider: 'ivs', ivs: { channelType: 'BASIC' } };
const cloudflare: PricedPlatform = { provider: 'cloudflare' };
const mux: PricedPlatform = { provider: 'mux', mux: { test: false } };

const cost = (spec: PricedPlatform, broadcast: Partial<Broadcast>): number | undefined =>
  hourlyCost(spec, { live: true, viewers: 0, resolution: '720p', ...broadcast })?.microDollars;

/** What the relay's pod costs in an hour, and the subscription of one viewer at Agora, which the relay has, too. */
const pod = { '720p': 80_000, '1080p': 160_000 } as const;
const subscription = { '720p': 239_400, '1080p': 539_400 } as const;

describe('an hour with its relay', () => {
  test.each([
    ['IVS STANDARD', 100, '720p', 9.52, standard],
    ['Cloudflare', 100, '720p', 6.62, cloudflare],
    ['Mux', 100, '720p', 6.62, mux],
    ['IVS STANDARD', 1_000, '720p', 74.32, standard],
    ['Cloudflare', 1_000, '720p', 60.62, cloudflare],
    ['Mux', 1_000, '720p', 49.82, mux],
    ['IVS STANDARD', 1_000, '1080p', 146.7, standard],
    ['Cloudflare', 1_000, '1080p', 61.0, cloudflare],
    ['Mux', 1_000, '1080p', 62.57, mux],
  ] as const)('%s, %i viewers at %s: %f USD', (_name, viewers, resolution, total, spec) => {
    const whole = (cost(spec, { viewers, resolution }) ?? NaN) + pod[resolution] + subscription[resolution];
    expect(whole / 1_000_000).toBeCloseTo(total, 2);
  });
});

describe('from how many viewers on it is cheaper than Agora for each of them', () => {
  const breakEven = (spec: PricedPlatform, agora: number, resolution: '720p' | '1080p'): number => {
    let viewers = 1;
    while (viewers * agora <= agora + pod[resolution] + (cost(spec, { viewers, resolution }) ?? NaN))
      viewers += 1;
    return viewers;
  };
  test.each([
    ['Interactive HD', 239_400, '720p', [14, 4, 4, 10]],
    ['Interactive Full HD', 539_400, '1080p', [7, 3, 3, 6]],
    ['Broadcast HD', 119_400, '720p', [47, 9, 9, 24]],
    ['Broadcast Full HD', 275_400, '1080p', [19, 5, 4, 11]],
  ] as const)('Agora %s', (_name, agora, resolution, expected) => {
    const found = [standard, basic, cloudflare, mux].map((spec) => breakEven(spec, agora, resolution));
    expect(found).toEqual(expected);
  });
});

test('a stream that is off air costs nothing, whatever it has', () => {
  for (const provider of providers.filter((each) => listPrices[each] !== undefined))
    expect(hourlyCost({ provider }, { live: false, viewers: undefined, resolution: '1080p' })).toEqual({
      microDollars: 0,
      complete: true,
    });
});

test('without the number of viewers it is a least amount, and says so', () => {
  const broadcast = { live: true, viewers: undefined, resolution: '1080p' } as const;
  expect(hourlyCost(standard, broadcast)).toEqual({ microDollars: 2_000_000, complete: false });
  expect(hourlyCost({ provider: 'origin' }, broadcast)).toEqual({ microDollars: 0, complete: true });
});

test('what nobody knows the price of is not called free', () => {
  expect(cost({ provider: 'rtmp' }, {})).toBeUndefined();
});

test('the options of the platform count: channel type, test streams', () => {
  expect(cost(basic, {})).toBe(200_000);
  expect(cost({ provider: 'mux', mux: { test: true } }, {})).toBe(0);
});

test('a recording costs where the provider keeps it', () => {
  expect(cost(mux, { recorded: true })).toBe(1_500_000 + 180_000);
  expect(cost(standard, { recorded: true })).toBe(2_000_000);
  expect(cost(cloudflare, { recorded: false })).toBe(300_000); // there is no HLS without one
});

test('every price is a whole number of micro-dollars, and more viewers never cost less', () => {
  const resolutions: Resolution[] = ['480p', '720p', '1080p'];
  fc.assert(
    fc.property(
      fc.constantFrom(...providers),
      fc.constantFrom(...resolutions),
      fc.nat(100_000),
      (provider, resolution, viewers) => {
        const [few, more] = [viewers, viewers + 1].map((n) => cost({ provider }, { viewers: n, resolution }));
        if (few === undefined || more === undefined) return;
        expect(Number.isSafeInteger(few)).toBe(true);
        expect(more).toBeGreaterThanOrEqual(few);
      },
    ),
  );
});

test('other prices can be used instead', () => {
  const own = { ...listPrices, ivs: { ...listPrices.ivs, input: () => 7 } as typeof listPrices.ivs };
  const broadcast = { live: true, viewers: 0, resolution: '720p' } as const;
  expect(hourlyCost(standard, broadcast, own)?.microDollars).toBe(7);
});

test('each price says where it comes from and when', () => {
  for (const rates of Object.values(listPrices)) {
    if (rates === undefined) continue;
    expect(rates.source).toMatch(/^https:\/\/|^docs\//);
    expect(rates.asOf).toMatch(/^\d{4}-\d\d-\d\d$/);
  }
});
