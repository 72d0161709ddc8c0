import type { LiveChannel } from '../api/live-channel.ts';
import { ports } from '../api/names.ts';
import type { RelayConfig } from '../api/relay-contract.ts';
import { relayUid, type TokenSubject } from './agora-token.ts';
import type { PlatformFacts } from './observed.ts';

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

const heights = { '480p': 480, '720p': 720, '1080p': 1080 } as const;

/** relay.json: everything that the relay is told, and no secret in it. */
export function relayConfig(
  channel: LiveChannel,
  slot: number,
  appId: string,
  platform: PlatformFacts,
  hasCa: boolean,
): RelayConfig {
  const { agora, relay } = channel.spec;
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
      ...(hasCa ? { caFile: file('ingestCa') } : {}),
    },
    media: {
      mode: relay.mode === 'transcode' ? 'auto' : relay.mode,
      maxHeight: heights[relay.maxResolution],
      maxVideoBitrateKbps: Math.min(
        relay.maxVideoBitrateKbps ?? platform.maxVideoBitrateKbps,
        platform.maxVideoBitrateKbps,
      ),
      keyFrameIntervalSeconds: relay.keyFrameIntervalSeconds,
    },
    idle: relay.idle,
    listen: { host: '0.0.0.0', port: ports.http, tokenFile: file('controlToken') },
  };
}
