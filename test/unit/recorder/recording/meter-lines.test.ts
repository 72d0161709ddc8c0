import { expect, test } from '@jest/globals';
import { streamingPlatformSpecSchema } from '../../../../src/api/streaming-platform.ts';
import { builtInPrices } from '../../../../src/costs/list-prices.ts';
import type { PricedSample } from '../../../../src/recorder/recording/accountant.ts';
import { microDollarsOf } from '../../../../src/recorder/recording/ledger.ts';
import { meterLines, missedLines } from '../../../../src/recorder/recording/meter-lines.ts';
import type { PricingInputs } from '../../../../src/recorder/recording/pricing-inputs.ts';
import { after, aSample, start } from '../examples.ts';

const spec = streamingPlatformSpecSchema.parse({
  provider: 'ivs',
  credentialsRef: { namespace: 'default', name: 'ivs' },
  ivs: { region: 'eu-central-1' },
});
const inputs: PricingInputs = {
  platform: { name: 'ivs-eu', spec },
  resolution: '720p',
  recorded: false,
  onAir: true,
  hosted: false,
};
const at = (
  seconds: number,
  hlsViewers: number | undefined,
  more: Partial<PricingInputs> = {},
  agoraViewers?: number,
): PricedSample => ({
  sample: aSample({ at: after(seconds), hlsViewers, agoraViewers }),
  inputs: { ...inputs, ...more },
});
const cost = (before: PricedSample, next: PricedSample): Record<string, number> =>
  Object.fromEntries(
    meterLines(before, next, { ...builtInPrices, version: 'book-1' }).map((line) => [
      line.line,
      microDollarsOf(line),
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

test('an hour of a host costs 60 audio minutes, $0.06, wherever the viewers are', () => {
  expect(cost(at(0, 100, { hosted: true }), at(3_600, 100, { hosted: true }))).toMatchObject({
    'agora-host': 59_400,
  });
  const alone = { onAir: false, hosted: true };
  expect(cost(at(0, undefined, alone, 10), at(3_600, undefined, alone, 10))).toMatchObject({
    'agora-host': 59_400,
  });
  expect(missing(missedLines(at(0, 5), at(400, 5, { hosted: true }), book))).toMatchObject({
    'agora-host': 400_000,
  });
});

test('varying viewers are counted as the trapezoid between two samples', () => {
  expect(cost(at(0, 0), at(10, 20))['delivery']).toBeCloseTo((10 * 10 * 72_000) / 3_600, 6);
});

const book = { ...builtInPrices, version: 'book-1' };
const missing = (lines: ReturnType<typeof meterLines>): Record<string, number> =>
  Object.fromEntries(lines.map(({ line, missingMs }) => [line, missingMs]));

test.each([
  [undefined, 5],
  [5, undefined],
])('unknown viewers (%s, %s) have no known cost, and are missing', (first, last) => {
  const lines = meterLines(at(0, first), at(10, last), book);
  expect(missing(lines)).toEqual({ 'agora-relay': 0, pod: 0, ingest: 0, delivery: 10_000 });
  expect(lines.find(({ line }) => line === 'delivery')).toMatchObject({ unitMs: 0 });
});

test('viewers on Agora that the app no longer reports are missing, those that it never reported are not', () => {
  expect(missing(meterLines(at(0, 5, {}, 3), at(10, 5), book))).toMatchObject({ 'agora-viewers': 10_000 });
  expect(missing(meterLines(at(0, 5), at(10, 5), book))).not.toHaveProperty('agora-viewers');
});

test('an interval across the full hour has two parts, which add up to the whole', () => {
  const [first, second] = meterLines(at(-7, 0), at(3, 11), book).filter(({ line }) => line === 'delivery');
  expect(first).toMatchObject({ hour: after(-3_600), unitMs: 26_950 }); // 7 s of 0 to 7.7 viewers.
  expect(second).toMatchObject({ hour: start, unitMs: 28_050 });
});

test('time without samples is missing from each line of a channel on air, and costs nothing', () => {
  const lines = missedLines(at(0, 5), at(400, 5), book);
  expect(missing(lines)).toEqual({ 'agora-relay': 4e5, pod: 4e5, ingest: 4e5, delivery: 4e5 });
  expect(lines.map(microDollarsOf)).toEqual([0, 0, 0, 0]);
  expect(missedLines(at(0, 5, { onAir: false }), at(400, 5), book)).toEqual([]);
});

test('off air, unknown viewers have no lines', () => {
  expect(cost(at(0, 5), at(10, 5, { onAir: false }))).toEqual({});
});

test.each<[string, Partial<PricingInputs>]>([
  ['without a platform', { platform: undefined }],
  ['on a platform without prices', { platform: { name: 'rtmp', spec: { ...spec, provider: 'rtmp' } } }],
])('%s: only the relay on Agora and its pod', (_, its) => {
  expect(Object.keys(cost(at(0, 5), at(10, 5, its)))).toEqual(['agora-relay', 'pod']);
});

test('each line has its hour and price book, and is an estimate', () => {
  for (const line of meterLines(at(0, 1), at(10, 1), { ...builtInPrices, version: 'book-1' }))
    expect(line).toMatchObject({ hour: start, prices: 'book-1', estimated: true });
});
