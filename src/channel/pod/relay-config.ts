import type { LiveChannel } from '../../api/live-channel.ts';
import { ports } from '../../api/names.ts';
import type { RelayConfig } from '../../api/relay-contract.ts';
import { budgetAction } from '../desired/budget.ts';
import { relayUid, type TokenSubject } from './agora-token.ts';
import type { PlatformFacts } from '../state.ts';
import type { Slot, StreamRecord } from '../../api/annotations/stream-records.ts';

/** Where the channel's Secret is mounted in the relay pod, and its keys, which become file names. */
export const relaySecretMount = '/etc/livechannel';
export const relaySecretKeys = {
  config: 'relay.json',
  ingestUrl: 'ingest-url',
  streamKey: 'stream-key',
  agoraToken: 'agora-token',
  ingestCa: 'ca.crt',
  /** Bearer token for the relay's POST routes. */
  controlToken: 'control-token',
} as const;

const file = (key: keyof typeof relaySecretKeys): string => `${relaySecretMount}/${relaySecretKeys[key]}`;

export function agoraSubject(channel: LiveChannel, slot: number): TokenSubject {
  return {
    channelName: channel.spec.agora.channelName ?? channel.metadata.name,
    uid: relayUid(channel.metadata.uid, slot),
  };
}

/** Where the slate's ConfigMap is mounted, and the file name of the image there. */
export const slateMount = '/etc/livechannel-slate';
export const slateFile = 'picture';

/** The part of relay.json that changes while the relay runs: by command, and read from here after a restart. */
export interface RelayRole {
  readonly standby: boolean;
  /** Unix seconds of the last failover. */
  readonly epoch: number | undefined;
}

/** The slot that the record names pushes; the stream's other slot stands by. */
export function roleIn({ slot, epoch }: StreamRecord, of: Slot | undefined): RelayRole {
  return { standby: of !== slot, epoch };
}

const heights = { '480p': 480, '720p': 720, '1080p': 1080 } as const;
const oneLower = { '480p': '480p', '720p': '480p', '1080p': '720p' } as const;

/** The caps of the spec, or the lower ones that the budget sets: then what exceeds them is transcoded. */
function caps(channel: LiveChannel): {
  readonly mode: RelayConfig['media']['mode'];
  readonly height: number;
} {
  const { mode, maxResolution } = channel.spec.relay;
  if (budgetAction(channel) !== 'lower-cap') return { mode, height: heights[maxResolution] };
  return { mode: mode === 'passthrough' ? 'auto' : mode, height: heights[oneLower[maxResolution]] };
}

/** relay.json: the whole configuration of the relay, without secrets. */
export function relayConfig(
  channel: LiveChannel,
  slot: number,
  appId: string,
  platform: PlatformFacts,
  hasCa: boolean,
  role: RelayRole = { standby: false, epoch: undefined },
): RelayConfig {
  const { agora, relay } = channel.spec;
  const { mode, height } = caps(channel);
  const subject = agoraSubject(channel, slot);
  return {
    channel: `${channel.metadata.namespace ?? ''}/${channel.metadata.name}`,
    slot,
    agora: {
      appId,
      channelName: subject.channelName,
      uid: subject.uid,
      tokenFile: file('agoraToken'),
      ...(agora.hostUid === undefined ? {} : { hostUid: agora.hostUid }),
      ...(agora.accessPoints === undefined ? {} : { accessPoints: agora.accessPoints }),
    },
    ingest: {
      urlFile: file('ingestUrl'),
      streamKeyFile: file('streamKey'),
      ...(platform.takeover === undefined ? {} : { takeover: platform.takeover }),
      ...(role.epoch === undefined ? {} : { epoch: role.epoch }),
      ...(hasCa ? { caFile: file('ingestCa') } : {}),
    },
    media: {
      mode,
      maxHeight: Math.min(height, platform.maxHeight),
      maxVideoBitrateKbps: Math.min(
        relay.maxVideoBitrateKbps ?? platform.maxVideoBitrateKbps,
        platform.maxVideoBitrateKbps,
      ),
      keyframeIntervalSeconds: relay.keyframeIntervalSeconds,
      sizeChange: platform.sizeChange,
      constantBitrate: platform.constantBitrate,
      ...(relay.slate === undefined ? {} : { slateFile: `${slateMount}/${slateFile}` }),
    },
    idle: { holdLastFrameSeconds: relay.idle.holdLastFrameSeconds },
    standby: role.standby,
    listen: { host: '0.0.0.0', port: ports.http, tokenFile: file('controlToken') },
  };
}
