import { expect, test } from '@jest/globals';
import { builtInPrices } from '../../../src/costs/list-prices.ts';
import { parsePrices } from '../../../src/costs/parse-prices.ts';
import { priceRows, type PriceRow } from '../../../src/costs/price-rows.ts';

const rowOf = (what: string, text?: string): PriceRow | undefined => {
  const prices = text === undefined ? builtInPrices : parsePrices(text, 'a.yaml', builtInPrices);
  return priceRows(prices, [{ provider: 'ivs' }, { provider: 'rtmp' }], '720p').find(
    (row) => row.what === what,
  );
};

test('a viewer’s price has its region and its step', () => {
  expect(rowOf('ivs viewer')).toMatchObject({ usd: 0.072, region: 'north-america', fromHours: null });
  const steps = '[{fromHours: 0, delivery: 0.07}, {fromHours: 500, delivery: 0.05}]';
  const book = `version: v\nplatforms: {ivs: {region: asia, monthlyHours: 700, regions: {asia: {steps: ${steps}}}}}`;
  expect(rowOf('ivs viewer', book)).toMatchObject({ usd: 0.05, region: 'asia', fromHours: 500 });
  expect(rowOf('ivs input', book)).toMatchObject({ usd: 2, region: null, fromHours: null });
});

test('each price has its source', () => {
  expect(rowOf('relay pod')).toMatchObject({ source: 'assumed', asOf: '2026-07-01' });
  const book = 'version: v\npod: 0.02\nagora: {interactive: 0.2, asOf: 2026-11-01}';
  expect(rowOf('relay pod', book)).toMatchObject({ usd: 0.02, source: 'version v', asOf: '' });
  expect(rowOf('agora viewer, interactive', book)).toMatchObject({
    source: 'a.yaml, version v',
    asOf: '2026-11-01',
  });
  expect(rowOf('agora viewer, broadcast')?.source).toMatch(/^https:/);
});

test('a platform without known prices has no rows', () => {
  expect(rowOf('rtmp viewer')).toBeUndefined();
});
