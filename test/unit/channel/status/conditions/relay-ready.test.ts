import { relayReadyRules } from '../../../../../src/channel/status/conditions/relay-ready.ts';
import { missing } from '../../../../../src/channel/state.ts';
import {
  aPod,
  aRecord,
  aReport,
  at,
  described,
  anObserved,
  pairRecord,
  standingBy,
} from '../../../../support/channel/channel-examples.ts';
import {
  aBudgetChoice,
  aChannel,
  aStream,
  waitingForHost,
} from '../../../../support/channel/channel-examples.ts';
import { budgetAnnotation } from '../../../../../src/api/annotations/cost-decisions.ts';
import { input, inputOf, inputWith, testRules } from './rule-table.ts';

const noPod = { pod: undefined, report: undefined } as const;
const aCongestion = {
  step: 'transcode',
  message: 'The ingest accepts about 1.2 Mbit/s.',
  acceptedKbps: 1_200,
  stepsDown: 1,
  stepsUp: 0,
} as const;
const idle = { since: at(-60), why: 'no-host' } as const;
const failed = { failure: { part: 'relay', reason: 'PodCreateFailed', message: 'refused' } } as const;
const stopped = aChannel({
  spec: { budget: { usd: '12', per: 'month', actionAt100Percent: 'stop' } },
  metadata: { annotations: budgetAnnotation(aBudgetChoice({ action: 'stop', message: 'spent' })) },
});
const failingOver = {
  ...described(anObserved()),
  streams: [aStream({ record: pairRecord({ failedOverAt: at(-1) }), report: standingBy })],
};

testRules(relayReadyRules, [
  ['failing over', inputOf(failingOver), 'True FailedOver: Failing over to pod show-relay-0.'],
  ['deleting', input({ channel: { deleting: true } }), 'False Deleting: '],
  ['suspended', input({ channel: { spec: { suspend: true } } }), 'False Suspended: '],
  ['off to save costs', inputOf({ ...anObserved(), channel: stopped }), 'False BudgetSpent: spent'],
  ['idle', inputWith({ ...noPod, record: aRecord({ idle }) }), 'False Idle: '],
  [
    'idle, and a relay checks for the host',
    inputWith({ report: waitingForHost, record: aRecord({ idle: { ...idle, probingSince: at(-1) } }) }),
    'False Resuming: A relay is checking for the host.',
  ],
  ['no relay is required', input({ channel: { spec: { streamMode: 'agora-only' } } }), 'False AgoraOnly: '],
  ['a step on the relay failed', inputWith({ ...noPod, deferred: failed }), 'False PodCreateFailed: refused'],
  [
    'no pod, because the Agora credentials are missing',
    inputWith(noPod, { credentials: missing('CredentialsNotFound', 'no such Secret') }),
    'False CredentialsNotFound: no such Secret',
  ],
  ['no pod yet', inputWith(noPod), 'False RelayStarting: '],
  [
    'the pod is terminating',
    inputWith({ pod: aPod({ deleting: true }) }),
    'False RelayReplaced: Pod show-relay-0 is terminating; a replacement will be created.',
  ],
  [
    'the pod has a problem',
    inputWith({
      pod: aPod({ running: false, waiting: { reason: 'ErrImagePull', message: 'm' } }),
      report: undefined,
    }),
    'False ImagePullFailed: ',
  ],
  [
    'ready as the kubelet sees it, without a report',
    inputWith({ report: undefined }),
    'True Live: Pod show-relay-0 is Ready (media is flowing), but its status endpoint is not reachable',
  ],
  [
    'the relay hangs',
    inputWith({ report: undefined, frozen: true }),
    'False RelayUnresponsive: The relay in pod show-relay-0 accepts connections, but does not answer. ',
  ],
  [
    'the pod is starting',
    inputWith({ pod: aPod({ ready: false }), report: undefined }),
    'False RelayStarting: Pod show-relay-0 is starting.',
  ],
  ['not on air, as the relay reports it', inputWith({ report: waitingForHost }), 'False WaitingForHost: '],
  [
    'the last frame, because the Agora token has expired',
    inputWith(
      { report: aReport({ videoOutput: 'held', message: 'The Agora token has expired.' }) },
      { credentials: missing('AgoraTokenExpired', 'it expired') },
    ),
    'False AgoraTokenExpired: it expired',
  ],
  [
    'on air with the last frame or the slate',
    inputWith({ report: aReport({ videoOutput: 'held', message: 'The host is away.' }) }),
    'True LastFrameHeld: The host is away.',
  ],
  [
    'on air and short of CPU',
    inputWith({ report: aReport({ healthReason: 'CPUThrottled: by its limit' }) }),
    'True CPUThrottled: CPUThrottled: by its limit',
  ],
  [
    'on air and short of memory a moment ago',
    inputWith({ report: aReport({ lastError: { reason: 'MemoryPressure', message: 'm', at: at(-59) } }) }),
    'True MemoryPressure: m',
  ],
  [
    'on air below full quality, because the ingest is slow',
    inputWith({ report: aReport({ mode: 'transcode', modeReason: 'It is slow.', congestion: aCongestion }) }),
    'True IngestCongested: The ingest accepts about 1.2 Mbit/s.',
  ],
  [
    'on air, transcoding',
    inputWith({ report: aReport({ mode: 'transcode', modeReason: 'H.265 from the host' }) }),
    'True Live: The ingest accepts media. Video is transcoded: H.265 from the host',
  ],
  ['on air', input(), 'True Live: The ingest accepts media.'],
  [
    'on air',
    inputWith({ report: aReport({ lastError: { reason: 'MemoryPressure', message: 'm', at: at(-60) } }) }),
    'True Live: ',
  ],
]);
