import { describe, expect, test } from '@jest/globals';
import { STABLE_AFTER_MS } from '../../../src/channel/timing.ts';
import { operatorSettingsSchema } from '../../../src/operator/settings.ts';
import { costOfHour, placementIn, transitionsTo } from '../../../src/costs/mode-transition.ts';
import { simulateAuto } from '../../../src/costs/simulate.ts';
import { recorderSettingsSchema } from '../../../src/recorder/settings.ts';

/** One micro-dollar a second for each viewer on Agora, and for the relay; nothing for a viewer on HLS. */
const rivals = { agoraViewer: 3_600, relay: 3_600, hlsViewer: 0 };
const onAgora = placementIn('agora-only');
const onHls = placementIn('hybrid');

describe('what a change leads to', () => {
  test('to HLS: the relay is paid for at once, and viewers stay on Agora until it has been on air for a while', () => {
    expect(transitionsTo('hybrid', onAgora, 100)).toEqual([
      { second: 100, viewersOn: 'agora-only', relay: true },
      { second: 113, viewersOn: 'hybrid', relay: true },
    ]);
  });

  test('to Agora: viewers stay for the grace, the relay for the drain after it', () => {
    expect(transitionsTo('agora-only', onHls, 100)).toEqual([
      { second: 130, viewersOn: 'agora-only', relay: true },
      { second: 160, viewersOn: 'agora-only', relay: false },
    ]);
  });

  test('back to HLS while the relay is still there: at once', () => {
    const draining = { viewersOn: 'agora-only', relay: true } as const;
    for (const now of [onHls, draining])
      expect(transitionsTo('hybrid', now, 100)).toEqual([{ second: 100, viewersOn: 'hybrid', relay: true }]);
  });

  test('both ways are paid for meanwhile', () => {
    expect(costOfHour(onAgora, 10, rivals)).toBe(36_000);
    expect(costOfHour({ viewersOn: 'agora-only', relay: true }, 10, rivals)).toBe(39_600);
    expect(costOfHour(onHls, 10, rivals)).toBe(3_600);
  });
});

test('the times are those that the operator has by default', () => {
  const defaultOf = (setting: { parse: (value: undefined) => number }): number => setting.parse(undefined);
  const [leave, stop] = transitionsTo('agora-only', onHls, 0);
  const grace = defaultOf(recorderSettingsSchema.shape.LIVECHANNEL_MODE_GRACE_SECONDS);
  expect(leave?.second).toBe(grace);
  expect(stop?.second).toBe(grace + defaultOf(operatorSettingsSchema.shape.LIVECHANNEL_DRAIN_SECONDS));
  const [, there] = transitionsTo('hybrid', onAgora, 0);
  expect(there?.second).toBeGreaterThan(STABLE_AFTER_MS / 1_000);
});

describe('the simulation pays for it', () => {
  test('a rush: 100 viewers on Agora for the 13 s of the start', () => {
    const trace = [
      { second: 0, viewers: 0 },
      { second: 600, viewers: 100 },
      { second: 1_200, viewers: 0 },
    ];
    expect(simulateAuto(trace, rivals)).toEqual({ microDollars: 100 * 13 + 600, switches: 1 });
  });

  test('everybody leaves: the relay goes on for grace and drain', () => {
    const trace = [
      { second: 0, viewers: 100 },
      { second: 600, viewers: 0 },
      { second: 3_000, viewers: 0 },
    ];
    // Two minutes of credit, and one that the change is worth; what is seen at 600 counts for the 10 s before it.
    const decided = 600 - 10 + 180;
    expect(simulateAuto(trace, rivals)).toEqual({ microDollars: decided + 30 + 30, switches: 1 });
  });

  test('a trace that ends meanwhile ends the costs, too', () => {
    const trace = [
      { second: 0, viewers: 0 },
      { second: 600, viewers: 100 },
      { second: 615, viewers: 0 },
    ];
    expect(simulateAuto(trace, rivals)).toEqual({ microDollars: 100 * 13 + 15, switches: 1 });
  });
});
