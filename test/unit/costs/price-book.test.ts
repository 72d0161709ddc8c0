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

/** The hourly cost of the relay's pod, and of one subscription at Agora, which the relay has, too. */
const pod = { '720p': 80_000, '1080p': 160_000 } as const;
const subscription = { '720p': 239_400, '1080p': 539_400 } as const;

describe('the cost of an hour, including the relay', () => {
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

describe('the number of viewers from which it is cheaper than Agora', () => {
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

test('a stream that is off air costs nothing', () => {
  for (const provider of providers.filter((each) => listPrices[each] !== undefined))
    expect(hourlyCost({ provider }, { live: false, viewers: undefined, resolution: '1080p' })).toEqual({
      microDollars: 0,
      complete: true,
    });
});

test('without the number of viewers the cost is a minimum, and incomplete', () => {
  const broadcast = { live: true, viewers: undefined, resolution: '1080p' } as const;
  expect(hourlyCost(standard, broadcast)).toEqual({ microDollars: 2_000_000, complete: false });
  expect(hourlyCost({ provider: 'origin' }, broadcast)).toEqual({ microDollars: 0, complete: true });
});

test('a platform without known prices is not free', () => {
  expect(cost({ provider: 'rtmp' }, {})).toBeUndefined();
});

test('options of the platform count: channel type, test streams', () => {
  expect(cost(basic, {})).toBe(200_000);
  expect(cost({ provider: 'mux', mux: { test: true } }, {})).toBe(0);
});

test('a recording is priced if the provider charges for its storage', () => {
  expect(cost(mux, { recorded: true })).toBe(1_500_000 + 180_000);
  expect(cost(standard, { recorded: true })).toBe(2_000_000);
  expect(cost(cloudflare, { recorded: false })).toBe(300_000); // Cloudflare has no HLS without one.
});

test('costs are whole micro-dollars, and never decrease with more viewers', () => {
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

test('the built-in prices can be replaced', () => {
  const own = { ...listPrices, ivs: { ...listPrices.ivs, input: () => 7 } as typeof listPrices.ivs };
  const broadcast = { live: true, viewers: 0, resolution: '720p' } as const;
  expect(hourlyCost(standard, broadcast, own)?.microDollars).toBe(7);
});

test('each price has a source and a date', () => {
  for (const rates of Object.values(listPrices)) {
    if (rates === undefined) continue;
    expect(rates.source).toMatch(/^https:\/\/|^docs\//);
    expect(rates.asOf).toMatch(/^\d{4}-\d\d-\d\d$/);
  }
});
