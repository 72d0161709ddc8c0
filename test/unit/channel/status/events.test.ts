import { describe, expect, test } from '@jest/globals';
import type { LiveChannelStatus } from '../../../../src/api/live-channel.ts';
import { eventsFor } from '../../../../src/channel/status/events.ts';
import { missing, type StreamState } from '../../../../src/channel/state.ts';
import {
  aStream,
  aPod,
  aReport,
  anObserved,
  described,
  waitingForHost,
} from '../../../support/channel/channel-examples.ts';

type ObservedDifference = NonNullable<Parameters<typeof anObserved>[0]>;

const statusOf = (scene: ObservedDifference): LiveChannelStatus => {
  const { status } = described(anObserved(scene)).channel;
  if (status === undefined) throw new Error('described without a status');
  return status;
};
const noCredentials = { credentials: missing('CredentialsNotFound', 'Secret shop/agora does not exist.') };
const nothing = { streams: [] };
const withStream = (stream: Partial<StreamState>): ObservedDifference => ({ streams: [aStream(stream)] });
const onAir = statusOf({});
const waiting = statusOf(withStream({ report: waitingForHost }));
const held = statusOf(
  withStream({
    report: aReport({
      videoOutput: 'held',
      host: null,
      message: 'The last frame is held: the host is away.',
    }),
  }),
);
const short = statusOf(withStream({ report: aReport({ healthReason: 'CPUThrottled: throttled.' }) }));
const congested = (message: string): LiveChannelStatus =>
  statusOf(
    withStream({
      report: aReport({
        congestion: { step: 'transcode', message, acceptedKbps: 1_200, stepsDown: 1, stepsUp: 0 },
      }),
    }),
  );
const slow = congested('The relay transcodes video to 0.8 Mbit/s.');
const slower = congested('The relay transcodes video to 0.5 Mbit/s.');
const broken = statusOf({ ...noCredentials, ...nothing });

test.each<[string, LiveChannelStatus | undefined, LiveChannelStatus, string[]]>([
  ['emits an event when the channel is on air', waiting, onAir, ['Normal Live']],
  ['emits no event while it stays on air', onAir, onAir, []],
  ['emits a normal event when there is no host', statusOf(nothing), waiting, ['Normal WaitingForHost']],
  ['emits a warning when credentials are missing', undefined, broken, ['Warning CredentialsNotFound']],
  [
    'emits an event when only the message changes',
    broken,
    statusOf({ credentials: missing('CredentialsNotFound', 'no key appId'), ...nothing }),
    ['Warning CredentialsNotFound'],
  ],
  ['emits an event when the last frame is held', onAir, held, ['Normal LastFrameHeld']],
  ['emits it once', held, held, []],
  ['emits an event when the host is back', held, onAir, ['Normal HostPublishing']],
  [
    'emits two events when it is on air without the host',
    waiting,
    held,
    ['Normal Live', 'Normal LastFrameHeld'],
  ],
  ['emits a warning when the CPU is throttled', onAir, short, ['Warning CPUThrottled']],
  ['emits a warning when the relay steps down', onAir, slow, ['Warning IngestCongested']],
  ['emits it for each step', slow, slower, ['Warning IngestCongested']],
  ['emits it once for a step', slow, slow, []],
  ['emits an event when the relay returns to full quality', slow, onAir, ['Normal Live']],
  ['emits no event while starting', undefined, statusOf(nothing), []],
  [
    'emits no event for a suspension, because its step does',
    onAir,
    statusOf({ channel: { spec: { suspend: true } } }),
    [],
  ],
  [
    'emits no event for a deletion, because its step does',
    onAir,
    statusOf({ channel: { deleting: true } }),
    [],
  ],
  [
    'emits no event for a replacement, because its step does',
    onAir,
    statusOf(withStream({ pod: aPod({ deleting: true }) })),
    [],
  ],
  [
    'emits a normal event for agora-only',
    onAir,
    statusOf({ channel: { spec: { streamMode: 'agora-only' } }, ...nothing }),
    ['Normal AgoraOnly'],
  ],
])('%s', (_, before, after, expected) => {
  const events = eventsFor(before, after);
  expect(events.map(({ type, reason }) => `${type} ${reason}`)).toEqual(expected);
  for (const { message } of events) expect(message).not.toBe('');
});

describe('budget', () => {
  const budgetStatus = (status: 'True' | 'False' | 'Unknown', reason: string): LiveChannelStatus => ({
    conditions: [{ type: 'WithinBudget', status, reason, message: reason, lastTransitionTime: '' }],
  });
  const [none, left] = [budgetStatus('True', 'BudgetNotSet'), budgetStatus('True', 'WithinBudget')];
  const [nearly, spent] = [
    budgetStatus('False', 'BudgetThresholdReached'),
    budgetStatus('False', 'BudgetSpent'),
  ];
  const unknown = budgetStatus('Unknown', 'BudgetUnknown');
  test.each<[string, LiveChannelStatus | undefined, LiveChannelStatus, string[]]>([
    ['emits no event without a budget', undefined, none, []],
    ['emits no event below the threshold', unknown, left, []],
    ['emits a warning at the threshold', left, nearly, ['Warning BudgetThresholdReached']],
    ['emits a warning when it is spent', nearly, spent, ['Warning BudgetSpent']],
    ['emits no event while it stays spent', spent, spent, []],
    ['emits a normal event when budget is left again', spent, left, ['Normal WithinBudget']],
    ['emits a normal event when spending is unknown', undefined, unknown, ['Normal BudgetUnknown']],
  ])('%s', (_, before, after, expected) => {
    expect(eventsFor(before, after).map(({ type, reason }) => `${type} ${reason}`)).toEqual(expected);
  });
});
