import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { billedDelivery } from '../../../../src/recorder/recording/billed-delivery.ts';
import type { CostEntry } from '../../../../src/store/store.ts';
import { after, start } from '../examples.ts';

function estimate(quantity: number, microDollars: number, show = start): CostEntry {
  return {
    ...{ namespace: 'shop', channelId: 'show', hour: start, show, platform: 'mux-eu', line: 'delivery' },
    ...{ quantity, microDollars, estimated: true, prices: 'built-in', missingSeconds: 30 },
  };
}

test('an estimate is replaced by the platform’s figure, at the price of the estimate', () => {
  // 100 viewer-hours for $4.80.
  const [billed] = billedDelivery([estimate(360_000, 4_800_000)], 396_000, 1);
  expect(billed).toEqual({
    ...estimate(396_000, 5_280_000),
    ...{ estimated: false, missingSeconds: 0 },
  });
});

test('without estimated viewers, the price is that of the price book', () => {
  expect(billedDelivery([estimate(0, 0)], 7_200, 48_000)).toMatchObject([
    { quantity: 7_200, microDollars: 96_000 },
  ]);
});

test('two shows in one hour share it in proportion to their estimates', () => {
  const shows = [estimate(100, 1_000), estimate(300, 3_000, after(1_800))];
  expect(billedDelivery(shows, 800, 1)).toMatchObject([
    { show: start, quantity: 200, microDollars: 2_000 },
    { show: after(1_800), quantity: 600, microDollars: 6_000 },
  ]);
});

test('any number of shows add up to the platform’s figure', () => {
  const quantities = fc.array(fc.nat({ max: 1_000_000 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(quantities, fc.double({ min: 0, max: 1e7, noNaN: true }), (estimated, seconds) => {
      const billed = billedDelivery(
        estimated.map((quantity) => estimate(quantity, quantity * 13)),
        seconds,
        48_000,
      );
      expect(billed.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(Math.round(seconds));
      for (const { quantity, microDollars } of billed) {
        expect(quantity).toBeGreaterThanOrEqual(0);
        expect(Number.isSafeInteger(microDollars)).toBe(true);
      }
    }),
  );
});
