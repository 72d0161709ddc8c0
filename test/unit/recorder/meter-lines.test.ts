import { expect, test } from '@jest/globals';
import { streamingPlatformSpecSchema } from '../../../src/api/streaming-platform.ts';
import { builtInPrices } from '../../../src/costs/list-prices.ts';
import type { Priced } from '../../../src/recorder/accountant.ts';
import { meterLines } from '../../../src/recorder/meter-lines.ts';
import type { Terms } from '../../../src/recorder/terms.ts';
import { after, aSample, start } from './examples.ts';

const spec = streamingPlatformSpecSchema.parse({
  provider: 'ivs',
  credentialsRef: { namespace: 'default', name: 'ivs' },
  ivs: { region: 'eu-central-1' },
});
const terms: Terms = { platform: { name: 'ivs-eu', spec }, resolution: '720p', recorded: false, onAir: true };
const at = (
  seconds: number,
  hlsViewers: number | undefined,
  more: Partial<Terms> = {},
  agoraViewers?: number,
): Priced<Terms> => ({
  sample: aSample({ at: after(seconds), hlsViewers, agoraViewers }),
  terms: { ...terms, ...more },
});
const cost = (before: Priced<Terms>, next: Priced<Terms>): Record<string, number> =>
  Object.fromEntries(
    meterLines(before, next, { ...builtInPrices, version: 'book-1' }).map(({ line, microDollars }) => [
      line,
      microDollars,
    ]),
  );

test('an hour of a hundred viewers at 720p on IVS costs $2.00 and $7.20, and the relay on Agora $0.24', () => {
  expect(cost(at(0, 100), at(3_600, 100))).toEqual({
    'agora-relay': 239_400,
    pod: 80_000,
    ingest: 2_000_000,
    delivery: 7_200_000,
  });
});

test('an hour of ten viewers on Agora alone costs $2.39', () => {
  const alone = { onAir: false };
  expect(cost(at(0, undefined, alone, 10), at(3_600, undefined, alone, 10))).toEqual({
    'agora-viewers': 2_394_000,
  });
});

test('viewers that come and go are counted as the trapezoid between two samples', () => {
  expect(cost(at(0, 0), at(10, 20))['delivery']).toBeCloseTo((10 * 10 * 72_000) / 3_600, 6);
});

test('viewers that nobody counted cost nothing that is known, and the broadcast costs what it costs', () => {
  expect(Object.keys(cost(at(0, undefined), at(10, 5)))).toEqual(['agora-relay', 'pod', 'ingest']);
  expect(Object.keys(cost(at(0, 5), at(10, undefined)))).toEqual(['agora-relay', 'pod', 'ingest']);
});

test('off air, with viewers that nobody counts: nothing', () => {
  expect(cost(at(0, 5), at(10, 5, { onAir: false }))).toEqual({});
});

test.each<[string, Partial<Terms>]>([
  ['on no platform', { platform: undefined }],
  ['on one without prices', { platform: { name: 'rtmp', spec: { ...spec, provider: 'rtmp' } } }],
])('%s: the relay on Agora and its pod', (_, its) => {
  expect(Object.keys(cost(at(0, 5), at(10, 5, its)))).toEqual(['agora-relay', 'pod']);
});

test('each line says of what hour, by which prices, and that it is an estimate', () => {
  for (const line of meterLines(at(0, 1), at(10, 1), { ...builtInPrices, version: 'book-1' }))
    expect(line).toMatchObject({ hour: start, prices: 'book-1', estimated: true });
});
