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
  withStream({ report: aReport({ videoOutput: 'held', host: null, message: 'The last picture is held.' }) }),
);
const short = statusOf(withStream({ report: aReport({ healthReason: 'CPUThrottled: throttled.' }) }));
const broken = statusOf({ ...noCredentials, ...nothing });

test.each<[string, LiveChannelStatus | undefined, LiveChannelStatus, string[]]>([
  ['on air is news', waiting, onAir, ['Normal Live']],
  ['still on air is none', onAir, onAir, []],
  ['no host is news, and no warning', statusOf(nothing), waiting, ['Normal WaitingForHost']],
  ['what is missing is a warning', undefined, broken, ['Warning CredentialsNotFound']],
  [
    'the same reason with another message is news',
    broken,
    statusOf({ credentials: missing('CredentialsNotFound', 'no key appId'), ...nothing }),
    ['Warning CredentialsNotFound'],
  ],
  ['a held picture is news', onAir, held, ['Normal LastFrameHeld']],
  ['it is said once', held, held, []],
  ['the host being back is news', held, onAir, ['Normal HostPublishing']],
  ['on air without the host is both', waiting, held, ['Normal Live', 'Normal LastFrameHeld']],
  ['too little processor time is a warning', onAir, short, ['Warning CPUThrottled']],
  ['starting is none', undefined, statusOf(nothing), []],
  ['suspension is announced by what is done', onAir, statusOf({ channel: { spec: { suspend: true } } }), []],
  ['deletion likewise', onAir, statusOf({ channel: { deleting: true } }), []],
  ['a replacement likewise', onAir, statusOf(withStream({ pod: aPod({ deleting: true }) })), []],
  [
    'agora-only is news, and no warning',
    onAir,
    statusOf({ channel: { spec: { streamMode: 'agora-only' } }, ...nothing }),
    ['Normal AgoraOnly'],
  ],
])('%s', (_, before, after, expected) => {
  const said = eventsFor(before, after);
  expect(said.map(({ type, reason }) => `${type} ${reason}`)).toEqual(expected);
  for (const { message } of said) expect(message).not.toBe('');
});

describe('a budget', () => {
  const said = (status: 'True' | 'False' | 'Unknown', reason: string): LiveChannelStatus => ({
    conditions: [{ type: 'WithinBudget', status, reason, message: reason, lastTransitionTime: '' }],
  });
  const [none, left] = [said('True', 'BudgetNotSet'), said('True', 'WithinBudget')];
  const [nearly, spent] = [said('False', 'BudgetThresholdReached'), said('False', 'BudgetSpent')];
  const unknown = said('Unknown', 'BudgetUnknown');
  test.each<[string, LiveChannelStatus | undefined, LiveChannelStatus, string[]]>([
    ['that is not set is no news', undefined, none, []],
    ['of which there is much left is none', unknown, left, []],
    ['that is nearly spent is a warning', left, nearly, ['Warning BudgetThresholdReached']],
    ['that is spent is another', nearly, spent, ['Warning BudgetSpent']],
    ['that is still spent is none', spent, spent, []],
    ['that is there again is news', spent, left, ['Normal WithinBudget']],
    ['of which nobody knows is news', undefined, unknown, ['Normal BudgetUnknown']],
  ])('%s', (_, before, after, expected) => {
    expect(eventsFor(before, after).map(({ type, reason }) => `${type} ${reason}`)).toEqual(expected);
  });
});
