import { readyRules, type ReadyInput } from '../../../../../src/channel/status/conditions/ready.ts';
import {
  conditionFalse,
  conditionTrue,
  conditionUnknown,
} from '../../../../../src/channel/status/conditions/rule.ts';
import type { ConditionInput } from '../../../../../src/channel/status/conditions/input.ts';
import { found, missing, type PassedToken } from '../../../../../src/channel/state.ts';
import {
  aPassedToken,
  aRecord,
  aReport,
  at,
  bare,
  credentials,
  later,
  waitingForHost,
} from '../../../../support/channel/channel-examples.ts';
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
const expired = { credentials: missing('AgoraTokenExpired', 'it expired') };
const passed = (token: PassedToken) => ({ credentials: found({ ...credentials, token }) });
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
    'on air, and the Agora token expires soon',
    ready(input(passed(aPassedToken({ expiringAt: later(0), expiresAt: later(300) })))),
    'True AgoraTokenExpiring: Media arrives at the platform. The Agora token in Secret shop/show-agora-token ' +
      '(spec.agora.tokenRef) expires at 2026-03-01T12:05:00.000Z; pass a new one.',
  ],
  [
    'on air with the last frame or the slate',
    ready(input(), created, conditionTrue('LastFrameHeld', 'The host is away.')),
    'True Live: Media arrives at the platform. The host is away.',
  ],
  ['on air', ready(input()), 'True Live: Media arrives at the platform.'],
  ['on air', ready(input(passed(aPassedToken({ expiringAt: later(1) })))), 'True Live: '],
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
    'the platform or the credentials are missing',
    ready(inputWith({ report: aReport({ videoOutput: 'held' }) }, expired)),
    'False AgoraTokenExpired: it expired',
  ],
  ['on air, and a restart would fail', ready(input(expired)), 'True AgoraTokenExpired: On air, but'],
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
