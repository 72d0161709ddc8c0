import { beforeEach, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { annotations } from '../../../../src/api/names.ts';
import { modeDecisionSchema, type ModeDecision } from '../../../../src/api/annotations/cost-decisions.ts';
import { AutoModePolicy } from '../../../../src/recorder/cost-control/auto-mode-policy.ts';
import type { CurrentMode, ModeChoice } from '../../../../src/recorder/cost-control/mode-decision.ts';
import { aChannel } from '../../../support/channel/channel-examples.ts';
import { after } from '../examples.ts';

const memory = { at: 0, regret: 0, level: 0, slope: 0, switches: [] };

let answer: ModeChoice['change'];
let asked: CurrentMode[];
let told: string[];
let keeper: AutoModePolicy;
let noted: string | undefined;
beforeEach(() => {
  answer = undefined;
  asked = [];
  told = [];
  noted = undefined;
  keeper = newKeeper();
});

function newKeeper(): AutoModePolicy {
  return new AutoModePolicy({
    choose: (_sampled, current) => {
      asked.push(current);
      return { memory: { ...memory, at: (current.memory?.at ?? 0) + 1 }, change: answer };
    },
    graceMs: 30_000,
    event: (_, type, reason, message) => told.push(`${type} ${reason} ${message}`),
    onSwitch: (mode) => told.push(mode),
  });
}
const auto = (spec: object = {}): LiveChannel =>
  aChannel({
    spec: { streamMode: 'auto', ...spec },
    metadata: noted === undefined ? {} : { annotations: { [annotations.mode]: noted } },
  });
function turn(seconds: number, channel = auto()): ModeDecision | undefined {
  const seen = { report: undefined, hlsViewers: 2, agoraViewers: 0 };
  const text = keeper.desired({ channel, at: after(seconds), seen, sample: undefined })[annotations.mode];
  if (text === null || text === undefined) return undefined;
  noted = text;
  return modeDecisionSchema.parse(JSON.parse(text));
}
const toAgora = {
  mode: 'agora-only',
  reason: 'CheaperOnAgora',
  message: '2 viewers cost $0.72/h on Agora, $2.46/h on ivs-eu',
} as const;

test('before there is a decision nothing is written, and the mode is hybrid', () => {
  expect(turn(0)).toBeUndefined();
  expect(asked[0]).toMatchObject({ mode: 'hybrid', since: undefined, memory: undefined });
  turn(10);
  expect(asked[1]?.memory).toEqual({ ...memory, at: 1 });
});

test('viewers are sent to Agora only after the app was told', () => {
  answer = toAgora;
  expect(turn(100)).toEqual({
    ...toAgora,
    channel: 'channel-uid',
    decidedAt: after(100).toISOString(),
    at: after(130).toISOString(),
  });
  expect(told).toEqual([
    'Normal CheaperOnAgora 2 viewers cost $0.72/h on Agora, $2.46/h on ivs-eu',
    'agora-only',
  ]);
});

test('the way back to HLS begins at once', () => {
  answer = toAgora;
  turn(100);
  answer = {
    mode: 'hybrid',
    reason: 'CheaperOnHls',
    message: '42 viewers cost $10.05/h on Agora, $5.34/h on ivs-eu',
  };
  expect(turn(900)).toMatchObject({
    mode: 'hybrid',
    decidedAt: after(900).toISOString(),
    at: after(900).toISOString(),
  });
  expect(asked[1]).toMatchObject({ mode: 'agora-only', since: after(100) });
});

test('what was decided stays, word for word, until another decision, also with a new leader', () => {
  answer = toAgora;
  const before = turn(100);
  answer = { ...toAgora, message: '1 viewer costs $0.48/h on Agora' };
  expect(turn(150)).toEqual(before);
  told = [];
  keeper = newKeeper();
  expect(turn(200)).toEqual(before);
  expect(asked.at(-1)).toMatchObject({ mode: 'agora-only', since: after(100), memory: undefined });
  expect(told).toEqual([]);
});

test('a channel that is suspended is not decided about', () => {
  turn(0, auto({ suspend: true }));
  expect(asked).toEqual([]);
});

test('without auto there is no annotation', () => {
  noted = 'left over';
  const channel = auto({ streamMode: 'hybrid' });
  const seen = { report: undefined, hlsViewers: 2, agoraViewers: 0 };
  expect(keeper.desired({ channel, at: after(0), seen, sample: undefined })).toEqual({
    [annotations.mode]: null,
  });
  expect(asked).toEqual([]);
});
