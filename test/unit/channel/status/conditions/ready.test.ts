import { readyRules, type ReadyInput } from '../../../../../src/channel/status/conditions/ready.ts';
import {
  conditionFalse,
  conditionTrue,
  conditionUnknown,
} from '../../../../../src/channel/status/conditions/rule.ts';
import type { ConditionInput } from '../../../../../src/channel/status/conditions/input.ts';
import { missing } from '../../../../../src/channel/state.ts';
import { aRecord, at, bare, waitingForHost } from '../../../../support/channel/channel-examples.ts';
import { input, inputWith, testRules } from './rule-table.ts';

const created = conditionTrue('StreamCreated');
const live = conditionTrue('Live');
const ready = (
  from: ConditionInput,
  streamReady: ReadyInput['streamReady'] = created,
  relayReady: ReadyInput['relayReady'] = live,
): ReadyInput => ({ ...from, streamReady, relayReady });
const noPod = { pod: undefined, report: undefined } as const;
const noCredentials = { credentials: missing('CredentialsNotFound', 'no such Secret') };
const deleting = { channel: { deleting: true } };
const failed = { failure: { part: 'stream', reason: 'PlatformUnavailable', message: 'down' } } as const;

testRules(readyRules, [
  [
    'deleting, and a step failed',
    ready(inputWith({ ...bare, record: aRecord({ role: 'draining' }), deferred: failed }, deleting)),
    'False PlatformUnavailable: down',
  ],
  ['deleting', ready(input(deleting)), 'False Deleting: '],
  [
    'on air, and a restart would fail',
    ready(input(noCredentials)),
    'True CredentialsNotFound: On air, but this will fail on the next restart: no such Secret',
  ],
  [
    'on air with the last frame or the slate',
    ready(input(), created, conditionTrue('LastFrameHeld', 'The host is away.')),
    'True Live: Media arrives at the platform. The host is away.',
  ],
  ['on air', ready(input()), 'True Live: Media arrives at the platform.'],
  [
    'off on purpose',
    ready(inputWith(noPod, noCredentials), created, conditionFalse('Suspended', 'm')),
    'False Suspended: m',
  ],
  [
    'off on purpose',
    ready(inputWith(noPod), conditionFalse('AgoraOnly'), conditionFalse('AgoraOnly')),
    'False AgoraOnly: ',
  ],
  [
    'idle',
    ready(inputWith({ ...noPod, record: aRecord({ idle: { since: at(-9), why: 'no-viewers' } }) })),
    'False Idle: ',
  ],
  [
    'the platform or the credentials are missing',
    ready(inputWith(noPod, noCredentials)),
    'False CredentialsNotFound: no such Secret',
  ],
  [
    'the stream is not ready',
    ready(inputWith(noPod), conditionFalse('StreamNotFound', 'm'), conditionFalse('RelayStarting')),
    'False StreamNotFound: m',
  ],
  [
    'the relay is not ready',
    ready(
      inputWith({ report: waitingForHost }),
      conditionUnknown('RelayStarting'),
      conditionFalse('WaitingForHost', 'm'),
    ),
    'False WaitingForHost: m',
  ],
]);
