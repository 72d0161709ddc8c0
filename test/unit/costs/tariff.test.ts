import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { builtInPrices } from '../../../src/costs/list-prices.ts';
import { parsePrices } from '../../../src/costs/parse-prices.ts';
import type { Rates } from '../../../src/costs/price-book.ts';
import { stepAt, tariff } from '../../../src/costs/tariff.ts';

const ratesOf = (platforms: object, platform: 'ivs' | 'mux' | 'rtmp' = 'ivs'): Rates => {
  const text = JSON.stringify({ version: 'v', platforms });
  const rates = parsePrices(text, 'prices.yaml', builtInPrices).platforms[platform];
  if (rates === undefined) throw new Error('no prices');
  return rates;
};
const asia = {
  delivery: { '480p': 0.05, '720p': 0.1, '1080p': 0.2 },
  steps: [
    { fromHours: 10_000, delivery: { '480p': 0.04, '720p': 0.08, '1080p': 0.16 } },
    { fromHours: 50_000, delivery: { '480p': 0.03, '720p': 0.06, '1080p': 0.12 } },
  ],
};

describe('the price of a viewer', () => {
  test.each([
    [undefined, 100_000, 0],
    [9_999, 100_000, 0],
    [10_000, 80_000, 10_000],
    [49_999.5, 80_000, 10_000],
    [1_000_000, 60_000, 50_000],
  ])('of a region with steps, at %s hours a month', (monthlyHours, hd, fromHours) => {
    const rates = ratesOf({ ivs: { region: 'asia', monthlyHours, regions: { asia } } });
    expect(rates).toMatchObject({ region: 'asia', fromHours, delivery: { '720p': hd } });
  });

  test('of a region may be the same for all resolutions, or have steps that begin at 0 hours', () => {
    const regions = { asia: 0.1, africa: { steps: [{ fromHours: 0, delivery: 0.2 }] } };
    expect(ratesOf({ mux: { region: 'asia', regions } }, 'mux').delivery['1080p']).toBe(100_000);
    expect(ratesOf({ mux: { region: 'africa', regions } }, 'mux').delivery['480p']).toBe(200_000);
  });

  test('of a region in the built-in book need not be set', () => {
    const rates = ratesOf({ ivs: { region: 'europe' } });
    expect(rates).toMatchObject({ region: 'europe', delivery: builtInPrices.platforms.ivs?.delivery });
    expect(rates).toMatchObject({ source: 'https://aws.amazon.com/ivs/pricing/', asOf: '2026-10-09' });
  });

  test('without a region applies everywhere', () => {
    expect(ratesOf({ ivs: { delivery: 0.06 } }).region).toBeUndefined();
    expect(ratesOf({ ivs: { storage: 1 } }).region).toBe('north-america');
  });

  test('may have steps after the built-in one', () => {
    const steps = [{ fromHours: 1_000, delivery: 0.04 }];
    expect(ratesOf({ mux: { steps, monthlyHours: 999 } }, 'mux').delivery['720p']).toBe(48_000);
    expect(ratesOf({ mux: { steps, monthlyHours: 1_000 } }, 'mux').delivery['720p']).toBe(40_000);
  });

  test('that replaces a built-in one is not dated by the built-in book', () => {
    expect(ratesOf({ ivs: { delivery: 0.06 } })).toMatchObject({
      source: 'prices.yaml, version v',
      asOf: '',
    });
    expect(ratesOf({ ivs: { delivery: 0.06, source: 'our contract', asOf: '2026-11-01' } })).toMatchObject({
      source: 'our contract',
      asOf: '2026-11-01',
    });
  });
});

describe('is rejected when invalid, with field and remedy', () => {
  const step = { fromHours: 5, delivery: 0.1 };
  test.each([
    [{ ivs: { region: 'asia' } }, 'platforms.ivs.region', 'Known regions: europe, north-america'],
    [{ ivs: { region: 'constructor' } }, 'platforms.ivs.region', 'Known regions: europe, north-america'],
    [{ mux: { region: 'asia' } }, 'platforms.mux.region', 'Set their prices under regions'],
    [{ mux: { regions: { asia: 1 } } }, 'platforms.mux.region', 'must name the region'],
    [{ ivs: { region: 'europe', delivery: 1 } }, 'platforms.ivs.delivery', 'that of regions.europe'],
    [{ ivs: { region: 'europe', steps: [step] } }, 'platforms.ivs.steps', 'that of regions.europe'],
    [{ ivs: { monthlyHours: 1 } }, 'platforms.ivs.monthlyHours', 'Set steps'],
    [
      { ivs: { monthlyHours: 1, steps: [{ ...step, fromHours: 0 }] } },
      'platforms.ivs.monthlyHours',
      'Set steps',
    ],
    [{ ivs: { monthlyHours: -1, steps: [step] } }, 'platforms.ivs.monthlyHours', 'less than 0'],
    [{ ivs: { steps: [step, step] } }, 'platforms.ivs.steps[1].fromHours', 'Steps must increase'],
    [{ ivs: { steps: [{ ...step, fromHours: -1 }] } }, 'platforms.ivs.steps[0].fromHours', 'less than 0'],
    [{ ivs: { steps: [{ ...step, fromHours: 1e30 }] } }, 'platforms.ivs.steps[0].fromHours', 'too much'],
    [{ ivs: { steps: [] } }, 'platforms.ivs.steps', 'is empty'],
    [{ ivs: { steps: [{ ...step, fromHours: 0 }], delivery: 1 } }, 'platforms.ivs.steps', 'two prices'],
    [{ rtmp: { steps: [step] } }, 'platforms.rtmp.steps', 'no price'],
    [{ ivs: { regions: { asia: { steps: [step] } } } }, 'platforms.ivs.regions.asia', 'no price'],
    [{ ivs: { regions: { asia: {} } } }, 'platforms.ivs.regions.asia', 'no price'],
    [
      { ivs: { regions: { asia: { delivery: 1, steps: [{ ...step, fromHours: 0 }] } } } },
      'platforms.ivs.regions.asia',
      'two prices',
    ],
    [{ ivs: { regions: { asia: -1 } } }, 'platforms.ivs.regions.asia', 'US dollars'],
    [
      { ivs: { regions: { asia: { price: 1 } } } },
      'platforms.ivs.regions.asia',
      'Known members: delivery, steps',
    ],
    [{ ivs: { regions: ['asia'] } }, 'platforms.ivs.regions', 'a mapping'],
  ])('%j', (platforms, field, remedy) => {
    expect(() => ratesOf(platforms)).toThrow(field);
    expect(() => ratesOf(platforms)).toThrow(remedy);
    expect(() => ratesOf(platforms)).toThrow('prices.yaml');
  });
});

describe('for any steps', () => {
  const dollars = fc.double({ min: 0, max: 10_000, noNaN: true });
  const volumes = fc.double({ min: 0.001, max: 1e9, noNaN: true });
  const rising = fc
    .uniqueArray(volumes, { minLength: 1, maxLength: 6 })
    .map((list) => list.sort((a, b) => a - b));
  const steps = rising.chain((list) =>
    fc.tuple(...list.map((fromHours) => fc.record({ fromHours: fc.constant(fromHours), delivery: dollars }))),
  );

  test('the price in use is a whole number of micro-dollars, and one of those in the book', () => {
    fc.assert(
      fc.property(dollars, steps, volumes, (first, list, monthlyHours) => {
        const region = { delivery: first, steps: list };
        const { delivery } = ratesOf({ ivs: { region: 'x', monthlyHours, regions: { x: region } } });
        expect(Number.isSafeInteger(delivery['720p'])).toBe(true);
        const listed = [first, ...list.map((each) => each.delivery)].map((usd) =>
          Math.round(usd * 1_000_000),
        );
        expect(listed).toContain(delivery['720p']);
      }),
    );
  });

  test('it never rises with the volume unless the steps do', () => {
    const same = (price: number): Rates['delivery'] => ({ '480p': price, '720p': price, '1080p': price });
    fc.assert(
      fc.property(
        rising,
        fc.array(fc.nat(1_000_000), { minLength: 7 }),
        volumes,
        volumes,
        (from, prices, a, b) => {
          const [first = 0, ...falling] = prices.sort((x, y) => y - x);
          const list = tariff(
            same(first),
            from.map((fromHours, index) => ({ fromHours, delivery: same(falling[index] ?? 0) })),
          );
          const [few, many] = [Math.min(a, b), Math.max(a, b)].map((at) => stepAt(list, at).delivery['720p']);
          expect(many).toBeLessThanOrEqual(few ?? NaN);
        },
      ),
    );
  });
});
