import { beforeEach, expect, test } from '@jest/globals';
import { streamingPlatformSpecSchema } from '../../../../src/api/streaming-platform.ts';
import type { ModeMemory } from '../../../../src/costs/choose-mode.ts';
import { builtInPrices } from '../../../../src/costs/list-prices.ts';
import type { Prices } from '../../../../src/costs/viewer-prices.ts';
import { chooseByCost } from '../../../../src/recorder/cost-control/mode-decision.ts';
import type { PricingInputs } from '../../../../src/recorder/recording/pricing-inputs.ts';
import { after } from '../examples.ts';

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

let prices: Prices;
let mode: 'hybrid' | 'agora-only';
let since: Date | undefined;
let memory: ModeMemory | undefined;
let switches: { at: number; mode: string; message: string }[];
beforeEach(() => {
  mode = 'hybrid';
  since = undefined;
  memory = undefined;
  switches = [];
  prices = builtInPrices;
});
/** Every ten seconds from `from` to `to`. */
function show(from: number, to: number, viewers: number | undefined): void {
  for (let second = from; second < to; second += 10) {
    const seen = {
      report: undefined,
      hlsViewers: mode === 'hybrid' ? viewers : undefined,
      agoraViewers: mode === 'hybrid' ? undefined : viewers,
    };
    const sampled = { at: after(second), seen };
    const answer = chooseByCost(sampled, { mode, since, memory }, { inputs, prices });
    memory = answer.memory;
    if (answer.change === undefined) continue;
    mode = answer.change.mode;
    since = after(second);
    switches.push({ at: second, mode, message: answer.change.message });
  }
}

test('few viewers are sent to Agora after some minutes, many return within half a minute, and the reason has figures', () => {
  show(0, 1_000, 5);
  show(1_000, 2_000, 200);
  expect(switches).toEqual([
    {
      at: expect.any(Number),
      mode: 'agora-only',
      message: '5 viewers cost $1.20/h on Agora, $2.68/h on ivs-eu',
    },
    {
      at: expect.any(Number),
      mode: 'hybrid',
      message: '200 viewers cost $47.88/h on Agora, $16.72/h on ivs-eu',
    },
  ]);
  expect(switches[0]?.at).toBeLessThan(600);
  expect((switches[1]?.at ?? Infinity) - 1_000).toBeLessThan(30);
});

test('unknown viewers cause no decision, in either mode', () => {
  show(0, 5_000, undefined);
  mode = 'agora-only';
  show(5_000, 10_000, undefined);
  expect(switches).toEqual([]);
});

test('the reason has the broadcast price if the app uses it', () => {
  prices = { ...builtInPrices, common: { ...builtInPrices.common, tier: 'broadcast' } };
  show(0, 1_000, 5);
  expect(switches).toMatchObject([{ message: '5 viewers cost $0.60/h on Agora, $2.56/h on ivs-eu' }]);
});

test('without prices there is no decision', () => {
  const sampled = { at: after(0), seen: { report: undefined, hlsViewers: 0, agoraViewers: 0 } };
  const unpriced = { inputs: { ...inputs, platform: undefined }, prices };
  expect(chooseByCost(sampled, { mode, since, memory: undefined }, unpriced).change).toBeUndefined();
});
