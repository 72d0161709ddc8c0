import { hostPresentRules } from '../../../../../src/channel/status/conditions/host-present.ts';
import { aReport, waitingForHost } from '../../../../support/channel/channel-examples.ts';
import { input, inputWith, testRules } from './rule-table.ts';

const off = { uid: 1000, video: false } as const;

testRules(hostPresentRules, [
  ['on air without a report', inputWith({ report: undefined }), 'True HostPublishing: Media is flowing.'],
  [
    'no relay to see it',
    inputWith({ pod: undefined, report: undefined }),
    'Unknown RelayStopped: Host presence is unknown: no relay is running.',
  ],
  ['no relay to see it', input({ channel: { spec: { suspend: true } } }), 'Unknown RelayStopped: '],
  ['publishes video', input(), 'True HostPublishing: Host 1000 publishes video.'],
  [
    'publishes audio only',
    inputWith({ report: aReport({ host: { ...off, audio: true } }) }),
    'True HostPublishing: Host 1000 publishes audio only.',
  ],
  [
    'not joined yet',
    inputWith({ report: aReport({ state: 'joining', host: null }) }),
    'Unknown RelayStarting: The relay has not joined the Agora channel yet.',
  ],
  [
    'absent, with the last frame held',
    inputWith({ report: aReport({ videoOutput: 'held', host: { ...off, audio: false } }) }),
    'False WaitingForHost: No host publishes video in Agora channel "show"; the last frame is held.',
  ],
  [
    'absent',
    inputWith({ report: waitingForHost }),
    'False WaitingForHost: No host publishes video in Agora channel "show".',
  ],
  [
    'absent',
    inputWith(
      { report: waitingForHost },
      {
        channel: {
          spec: { agora: { credentialsRef: { name: 'agora' }, channelName: 'live_42', hostUid: 9 } },
        },
      },
    ),
    'False WaitingForHost: Host 9 does not publish video in Agora channel "live_42".',
  ],
]);
