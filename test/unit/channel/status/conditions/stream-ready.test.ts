import { streamReadyRules } from '../../../../../src/channel/status/conditions/stream-ready.ts';
import { found, missing } from '../../../../../src/channel/state.ts';
import {
  aDesiredStream,
  anIncomingStream,
  aRecord,
  aStream,
  bare,
  toOther,
  withoutId,
} from '../../../../support/channel/channel-examples.ts';
import { input, inputWith, testRules } from './rule-table.ts';

const gone = missing('PlatformNotFound', 'no such platform');
const noCredentials = missing('CredentialsNotFound', 'no such Secret');
const full = { reason: 'QuotaExceeded', message: 'full' } as const;
const failed = { failure: { part: 'stream', reason: 'PlatformUnavailable', message: 'down' } } as const;
const agoraOnly = { channel: { spec: { streamMode: 'agora-only' } } };

testRules(streamReadyRules, [
  ['no stream is required', input({ streams: [], ...agoraOnly }), 'False AgoraOnly: streamMode'],
  [
    'a call to the platform failed',
    inputWith({ ...bare, deferred: failed }, agoraOnly),
    'False PlatformUnavailable: down',
  ],
  ['a call to the platform failed', input({ failure: failed.failure }), 'False PlatformUnavailable: down'],
  ['deleting', input({ channel: { deleting: true } }), 'False Deleting: '],
  [
    'no stream yet, and no usable platform',
    input({ streams: [], desired: gone }),
    'False PlatformNotFound: no such platform',
  ],
  [
    'no stream yet, and the platform accepts no more',
    input({ streams: [], desired: found(aDesiredStream({ refused: full })) }),
    'False QuotaExceeded: full',
  ],
  ['the platform of the stream is not usable', inputWith({ platform: gone }), 'False PlatformNotFound: no'],
  [
    'waiting for the Agora credentials',
    input({ streams: [], credentials: noCredentials }),
    'Unknown CredentialsNotFound: Waiting',
  ],
  [
    'the stream is being created',
    inputWith({ ...bare, record: withoutId(aRecord()) }),
    'Unknown RelayStarting: The stream is being created.',
  ],
  ['the stream vanished', inputWith({ presence: 'gone' }), 'False StreamNotFound: '],
  [
    'a migration is under way',
    input({ desired: found(toOther()), streams: [aStream(), anIncomingStream({ platform: gone })] }),
    'True Migrating: Stream s-1 on platform origin stays active until the stream on platform other is ' +
      'playable. no such platform',
  ],
  [
    'a migration is due, and the platform accepts no more',
    input({ desired: found(toOther({ refused: full })) }),
    'True Migrating: Stream s-1 on platform origin stays active. full',
  ],
  ['the stream exists', input(), 'True StreamCreated: Stream s-1 on platform origin.'],
]);
