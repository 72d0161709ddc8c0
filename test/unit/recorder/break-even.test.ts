import { beforeEach, describe, expect, test } from '@jest/globals';
import { streamingPlatformSpecSchema } from '../../../src/api/streaming-platform.ts';
import { listPrices } from '../../../src/costs/price-book.ts';
import { chooseByBreakEven, hourlyChoice, type ModeMemory } from '../../../src/recorder/break-even.ts';
import type { Terms } from '../../../src/recorder/terms.ts';
import { aChannel } from '../channel/examples.ts';
import { after } from './examples.ts';

const spec = streamingPlatformSpecSchema.parse({
  provider: 'ivs',
  credentialsRef: { namespace: 'default', name: 'ivs' },
  ivs: { region: 'eu-central-1' },
});
const terms: Terms = { platform: { name: 'ivs-eu', spec }, resolution: '720p', recorded: false, onAir: true };

test('costs of an hour, by the list: 42 viewers at 720p', () => {
  expect(hourlyChoice(42, terms, listPrices)).toEqual({
    agora: 42 * 239_400,
    hls: 239_400 + 2_000_000 + 42 * 72_000,
  });
});

let mode: 'hybrid' | 'agora-only';
let since: Date | undefined;
let memory: ModeMemory | undefined;
let switches: { at: number; mode: string; message: string }[];
beforeEach(() => {
  mode = 'hybrid';
  since = undefined;
  memory = undefined;
  switches = [];
});
/** Every ten seconds from `from` to `to`. */
function show(from: number, to: number, viewers: number | undefined): void {
  for (let second = from; second < to; second += 10) {
    const seen = {
      report: undefined,
      hlsViewers: mode === 'hybrid' ? viewers : undefined,
      agoraViewers: mode === 'hybrid' ? undefined : viewers,
    };
    const turn = { channel: aChannel(), at: after(second), seen, sample: undefined };
    const answer = chooseByBreakEven({ turn, mode, since, memory }, terms, listPrices);
    memory = answer.memory;
    if (answer.choice === undefined) continue;
    mode = answer.choice.mode;
    since = after(second);
    switches.push({ at: second, mode, message: answer.choice.message });
  }
}

test('few viewers go to Agora after a quarter of an hour, many come back within half a minute', () => {
  show(0, 1_000, 5);
  show(1_000, 2_000, 200);
  expect(switches).toEqual([
    { at: 900, mode: 'agora-only', message: '5 viewers cost $1.20/h on Agora, $2.60/h on ivs-eu' },
    { at: 1_020, mode: 'hybrid', message: '200 viewers cost $47.88/h on Agora, $16.64/h on ivs-eu' },
  ]);
});

test('a moment without viewers is no quiet time', () => {
  for (let round = 0; round < 6; round += 1) {
    show(round * 1_000, round * 1_000 + 800, 2);
    show(round * 1_000 + 800, round * 1_000 + 1_000, 100);
  }
  expect(switches).toEqual([]);
});

test('around break-even nothing changes', () => {
  for (let second = 0; second < 7_200; second += 10) show(second, second + 10, second % 20 === 0 ? 12 : 15);
  expect(switches).toEqual([]);
});

describe('at most two changes an hour', () => {
  test('whatever the viewers do', () => {
    for (let round = 0; round < 20; round += 1) {
      show(round * 1_000, round * 1_000 + 930, 1);
      show(round * 1_000 + 930, round * 1_000 + 1_000, 500);
    }
    for (const { at } of switches)
      expect(switches.filter((each) => each.at > at - 3_600 && each.at <= at).length).toBeLessThanOrEqual(2);
    expect(switches.length).toBeGreaterThan(4);
  });
});

test('viewers whom nobody counts decide nothing, in either mode', () => {
  show(0, 5_000, undefined);
  mode = 'agora-only';
  show(5_000, 10_000, undefined);
  expect(switches).toEqual([]);
});

test('without prices nothing is decided', () => {
  const turn = {
    channel: aChannel(),
    at: after(0),
    seen: { report: undefined, hlsViewers: 0, agoraViewers: 0 },
    sample: undefined,
  };
  const question = { turn, mode, since, memory: { changes: [], otherSince: after(-9_000).getTime() } };
  expect(chooseByBreakEven(question, { ...terms, platform: undefined }, listPrices).choice).toBeUndefined();
});
