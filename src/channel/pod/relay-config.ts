import { relayUid } from '../../api/agora-uids.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { ports } from '../../api/names.ts';
import type { RelayConfig } from '../../api/relay-contract.ts';
import { budgetAction } from '../desired/budget.ts';
import { agoraChannelName } from '../desired/agora-channel.ts';
import type { TokenSubject } from './agora-token.ts';
import type { CredentialsFacts, PlatformFacts } from '../state.ts';
import type { Slot, StreamRecord } from '../../api/stream-records.ts';

/** Where the channel's Secret is mounted in the relay pod. */
export const RELAY_SECRET_MOUNT = '/etc/livechannel';
/** Keys of that Secret, which are the names of the mounted files. */
export const relaySecretKeys = {
  config: 'relay.json',
  ingestUrl: 'ingest-url',
  streamKey: 'stream-key',
  agoraToken: 'agora-token',
  ingestCa: 'ca.crt',
  /** Bearer token for the relay's POST routes. */
  controlToken: 'control-token',
} as const;

const file = (key: keyof typeof relaySecretKeys): string => `${RELAY_SECRET_MOUNT}/${relaySecretKeys[key]}`;

/** Channel name and uid with which the relay of `slot` joins Agora. */
export function agoraSubject(
  channel: LiveChannel,
  slot: number,
  { token }: Pick<CredentialsFacts, 'token'>,
): TokenSubject {
  return {
    channelName: agoraChannelName(channel),
    uid: (token.from === 'app' ? token.uid : undefined) ?? relayUid(channel.metadata.uid, slot),
  };
}

/** Where the slate's ConfigMap is mounted. */
export const SLATE_MOUNT = '/etc/livechannel-slate';
/** File name of the slate in that directory. */
export const SLATE_FILE = 'picture';

/**
 * The part of relay.json that changes while the relay runs. A running relay receives it by command; a restarted relay
 * reads it from the file.
 */
export interface RelayRole {
  readonly standby: boolean;
  /** Unix seconds of the last failover. */
  readonly epoch: number | undefined;
}

/** The role of the relay in slot `of`: the slot that the record names pushes, the stream's other slot stands by. */
export function roleIn({ slot, epoch }: StreamRecord, of: Slot | undefined): RelayRole {
  return { standby: of !== slot, epoch };
}

const heights = { '480p': 480, '720p': 720, '1080p': 1080 } as const;
const oneLower = { '480p': '480p', '720p': '480p', '1080p': '720p' } as const;

/** The caps of the spec, or lower ones where the budget requires it. Video that exceeds the latter is transcoded. */
function caps(channel: LiveChannel): {
  readonly mode: RelayConfig['media']['mode'];
  readonly height: number;
} {
  const { mode, maxResolution } = channel.spec.relay;
  if (budgetAction(channel) !== 'lower-cap') return { mode, height: heights[maxResolution] };
  return { mode: mode === 'passthrough' ? 'auto' : mode, height: heights[oneLower[maxResolution]] };
}

/** The content of relay.json: the whole configuration of the relay, without secrets. */
export function relayConfig(
  channel: LiveChannel,
  slot: number,
  credentials: Omit<CredentialsFacts, 'digest'>,
  platform: PlatformFacts,
  hasCa: boolean,
  role: RelayRole = { standby: false, epoch: undefined },
): RelayConfig {
  const { agora, relay } = channel.spec;
  const { mode, height } = caps(channel);
  const subject = agoraSubject(channel, slot, credentials);
  return {
    channel: `${channel.metadata.namespace ?? ''}/${channel.metadata.name}`,
    slot,
    agora: {
      appId: credentials.appId,
      channelName: subject.channelName,
      uid: subject.uid,
      ...(credentials.token.from === 'none' ? {} : { tokenFile: file('agoraToken') }),
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
      ...(relay.slate === undefined ? {} : { slateFile: `${SLATE_MOUNT}/${SLATE_FILE}` }),
    },
    idle: { holdLastFrameSeconds: relay.idle.holdLastFrameSeconds },
    standby: role.standby,
    listen: { host: '0.0.0.0', port: ports.http, tokenFile: file('controlToken') },
  };
}
