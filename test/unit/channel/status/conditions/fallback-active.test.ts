import type { LiveChannelStatus } from '../../../../../src/api/live-channel.ts';
import {
  fallbackActiveRules,
  type FallbackInput,
} from '../../../../../src/channel/status/conditions/fallback-active.ts';
import type { ConditionInput } from '../../../../../src/channel/status/conditions/input.ts';
import { conditionFalse, conditionTrue } from '../../../../../src/channel/status/conditions/rule.ts';
import { aPod, aRecord, aReport, at } from '../../../../support/channel/channel-examples.ts';
import { input, inputWith, testRules } from './rule-table.ts';

const agora = { fallback: { mode: 'agora-only', afterSeconds: 30 } } as const;
const platform = { fallbackPlatformRef: { name: 'other' } } as const;
const broken = { report: aReport({ state: 'failed', reason: 'BrowserCrashed' }) } as const;
const crashed = conditionFalse('BrowserCrashed', 'gone');

const given = (from: ConditionInput, ready: FallbackInput['ready'] = crashed): FallbackInput => ({
  ...from,
  ready,
});
/** The status as it was written last: one condition with its reason, and since when it has been so. */
const before = (
  type: 'FallbackActive' | 'Ready',
  status: 'True' | 'False' | 'Unknown',
  reason: string,
  seconds: number,
): { conditions: NonNullable<LiveChannelStatus['conditions']> } => ({
  conditions: [{ type, status, reason, message: 'as before', lastTransitionTime: at(-seconds) }],
});
const status = (difference: object): LiveChannelStatus => ({
  relayStatus: 'error',
  relay: { restarts: 0 },
  ...difference,
});
const onAgora = before('FallbackActive', 'True', 'FallbackAgora', 60);
const counting = (seconds: number, reason = 'BrowserCrashed'): LiveChannelStatus =>
  status(before('FallbackActive', 'Unknown', reason, seconds));
const standIn = { record: aRecord({ platform: 'other', insteadOf: 'origin' }) };

testRules(fallbackActiveRules, [
  ['no fallback, or no relay to replace', given(inputWith(broken)), 'False NotInUse: '],
  [
    'no fallback, or no relay to replace',
    given(inputWith(broken, { channel: { spec: { ...agora, suspend: true } } })),
    'False NotInUse: ',
  ],
  [
    'on Agora, and the relay is back but not stable yet',
    given(input({ channel: { spec: agora, status: status({ ...onAgora, relayStartedAt: at(-9) }) } })),
    'True FallbackAgora: No working relay: send viewers to Agora.',
  ],
  [
    'on the fallback platform',
    given(inputWith(standIn, { channel: { spec: platform } }), conditionTrue('Live')),
    'True FallbackPlatform: Running on fallback platform other; origin is unavailable.',
  ],
  [
    'no fault',
    given(input({ channel: { spec: agora, status: status({ ...onAgora, relayStartedAt: at(-10) }) } })),
    'False NotInUse: ',
  ],
  [
    'no fault',
    given(inputWith(broken, { channel: { spec: agora } }), conditionFalse('WaitingForHost')),
    'False NotInUse: ',
  ],
  [
    'on Agora until a relay works',
    given(inputWith(broken, { channel: { spec: agora, status: status(onAgora) } })),
    'True FallbackAgora: ',
  ],
  [
    'the fallback platform fails, too',
    given(
      inputWith(
        { ...standIn, ...broken },
        {
          channel: {
            spec: { ...agora, ...platform },
            status: status(before('Ready', 'False', 'BrowserCrashed', 30)),
          },
        },
      ),
    ),
    'True FallbackAgora: ',
  ],
  [
    'the fallback platform has a fault',
    given(inputWith({ ...standIn, ...broken }, { channel: { spec: { ...agora, ...platform } } })),
    'True FallbackPlatform: ',
  ],
  [
    'no relay for too long',
    given(inputWith(broken, { channel: { spec: agora, status: counting(30) } })),
    'True FallbackAgora: ',
  ],
  [
    'no relay for too long',
    given(inputWith(broken, { channel: { spec: { ...agora, ...platform }, status: counting(60) } })),
    'True FallbackAgora: ',
  ],
  [
    'counting: the platform is to blame',
    given(
      inputWith(
        { report: aReport({ state: 'failed', reason: 'IngestRejected', message: 'refused' }) },
        { channel: { spec: { ...agora, ...platform }, status: counting(59) } },
      ),
    ),
    'Unknown IngestRejected: refused',
  ],
  [
    'counting: the platform was to blame when the outage began',
    given(
      inputWith(
        { pod: aPod({ ready: false }), report: undefined },
        {
          channel: { spec: platform, status: counting(10, 'IngestRejected') },
        },
      ),
    ),
    'Unknown IngestRejected: as before',
  ],
  ['counting', given(inputWith(broken, { channel: { spec: agora } })), 'Unknown BrowserCrashed: gone'],
]);
