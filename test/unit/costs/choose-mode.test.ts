import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chooseMode, type ModeMemory } from '../../../src/costs/choose-mode.ts';
import { builtInPrices } from '../../../src/costs/list-prices.ts';
import type { PricedPlatform } from '../../../src/costs/price-book.ts';
import { simulateAuto, simulateStatic } from '../../../src/costs/simulate.ts';
import { hourlyRates, type HourlyRates } from '../../../src/costs/viewer-prices.ts';
import { bestSchedule } from './best-schedule.ts';
import { traces } from './traces.ts';
import type { AutoStreamMode } from '../../../src/api/values.ts';

const platforms: Readonly<Record<string, PricedPlatform>> = {
  'ivs STANDARD': { provider: 'ivs', ivs: { channelType: 'STANDARD' } },
  'ivs BASIC': { provider: 'ivs', ivs: { channelType: 'BASIC' } },
  cloudflare: { provider: 'cloudflare' },
  mux: { provider: 'mux' },
};
const rivalsOf = (platform: PricedPlatform): HourlyRates => {
  const found = hourlyRates(builtInPrices, { platform, resolution: '720p', tier: 'interactive' });
  if (found === undefined) throw new Error('no prices');
  return found;
};
const ivs = rivalsOf({ provider: 'ivs' });

/** The decisions for a trace of viewers, evaluated every ten seconds. */
function decisions(
  viewers: (second: number) => number | undefined,
  seconds: number,
  mode: AutoStreamMode = 'hybrid',
) {
  let memory: ModeMemory | undefined;
  let now = mode;
  const made: { at: number; mode: AutoStreamMode }[] = [];
  for (let at = 0; at <= seconds; at += 10) {
    const answer = chooseMode({ now: at * 1_000, mode: now, viewers: viewers(at), rivals: ivs, memory });
    memory = answer.memory;
    if (answer.mode === undefined) continue;
    now = answer.mode;
    made.push({ at, mode: now });
  }
  return made;
}

describe.each(Object.entries(platforms))('auto on %s', (_name, platform) => {
  const figures = rivalsOf(platform);
  test.each(Object.entries(traces))(
    '%s: costs little more than the best schedule, which knows the trace',
    (_trace, trace) => {
      const auto = simulateAuto(trace, figures);
      const statics = (['agora-only', 'hybrid'] as const).map((mode) => simulateStatic(trace, mode, figures));
      const best = Math.min(...statics.map(({ microDollars }) => microDollars));
      // Auto pays for its changes, the best schedule does not.
      expect(auto.microDollars).toBeLessThanOrEqual(1.02 * best);
      expect(auto.microDollars).toBeLessThanOrEqual(1.1 * bestSchedule(trace, figures));
    },
  );
});

test('the mode changes at most twice in any hour, whatever the viewers do', () => {
  const audience = fc.array(
    fc.record({ seconds: fc.integer({ min: 10, max: 2_000 }), viewers: fc.nat(3_000) }),
    {
      minLength: 1,
      maxLength: 30,
    },
  );
  fc.assert(
    fc.property(audience, (parts) => {
      const steps = parts.flatMap(({ seconds, viewers }) =>
        Array<number>(Math.ceil(seconds / 10)).fill(viewers),
      );
      const made = decisions((at) => steps[at / 10], (steps.length - 1) * 10);
      const changes = made.filter(({ at }) => at > 0);
      for (const { at } of changes)
        expect(changes.filter((each) => each.at <= at && each.at > at - 3_600).length).toBeLessThanOrEqual(2);
    }),
  );
});

test('a rush of viewers changes the mode within half a minute, however often it has changed before', () => {
  const rushes = (at: number): number => (at % 2_400 >= 1_800 ? 2_000 : 0);
  const made = decisions(rushes, 24_000, 'agora-only');
  let mode: AutoStreamMode = 'agora-only';
  for (let at = 0; at < 24_000; at += 10) {
    mode = made.findLast((each) => each.at <= at)?.mode ?? mode;
    if (at % 2_400 >= 1_830) expect([at, mode]).toEqual([at, 'hybrid']);
  }
});

test('an idle relay is stopped after minutes, not at once', () => {
  const [first, ...more] = decisions((at) => (at < 600 ? 100 : 0), 3_600);
  expect(first?.mode).toBe('agora-only');
  expect(first?.at).toBeGreaterThan(640);
  expect(first?.at).toBeLessThan(1_200);
  expect(more).toEqual([]);
});

test('the mode does not change while the number of viewers is unknown', () => {
  expect(decisions(() => undefined, 7_200)).toEqual([]);
});

test('the first decision is the cheaper mode', () => {
  expect(decisions(() => 500, 0, 'agora-only')).toEqual([{ at: 0, mode: 'hybrid' }]);
  expect(decisions(() => 0, 0, 'hybrid')).toEqual([{ at: 0, mode: 'agora-only' }]);
});
