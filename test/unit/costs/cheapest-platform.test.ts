import { expect, test } from '@jest/globals';
import { cheapestPlatform, type Candidate } from '../../../src/costs/cheapest-platform.ts';
import { builtInPrices } from '../../../src/costs/list-prices.ts';

const ivs: Candidate = { name: 'ivs-eu', spec: { provider: 'ivs' } };
const basic: Candidate = { name: 'basic', spec: { provider: 'ivs', ivs: { channelType: 'BASIC' } } };
const mux: Candidate = { name: 'mux', spec: { provider: 'mux' } };
const cloudflare: Candidate = { name: 'cf', spec: { provider: 'cloudflare' } };
const own: Candidate = { name: 'own', spec: { provider: 'rtmp' } };
const at = (viewers: number, ...candidates: Candidate[]) => {
  const found = cheapestPlatform(builtInPrices, candidates, { resolution: '720p' }, viewers);
  return found && [found.platform.name, found.microDollars];
};

test('which is cheapest depends on the viewers: input against delivery', () => {
  const all = [ivs, basic, mux, cloudflare];
  expect(at(0, ...all)).toEqual(['basic', 239_400 + 80_000 + 200_000]);
  expect(at(50, ...all)).toEqual(['cf', 239_400 + 80_000 + 300_000 + 50 * 60_000]);
  expect(at(1_000, ...all)).toEqual(['mux', 239_400 + 80_000 + 1_500_000 + 1_000 * 48_000]);
});

test('of two that cost the same it is the first', () => {
  // 100 viewers: 1.50 + 4.80 at Mux, 0.30 + 6.00 at Cloudflare.
  expect(at(100, mux, cloudflare)?.[0]).toBe('mux');
  expect(at(100, cloudflare, mux)?.[0]).toBe('cf');
});

test('one whose prices nobody knows is not called the cheapest', () => {
  expect(at(10, own, ivs)?.[0]).toBe('ivs-eu');
  expect(at(10, own)).toBeUndefined();
  expect(at(10)).toBeUndefined();
});
