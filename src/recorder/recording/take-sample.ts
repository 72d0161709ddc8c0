import { channelIdOf } from '../../api/channel-id.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import type { RelayReport } from '../../api/relay-contract.ts';
import { desiredResources } from '../../channel/desired/resources.ts';
import type { ChannelKey, Sample } from '../../store/store.ts';

/** What is known of a channel beside its resource; undefined: nobody knows, and nothing is put in its place. */
export interface Seen {
  /** The last word of the relay that serves, unless it is too old. */
  readonly report: RelayReport | undefined;
  readonly hlsViewers: number | undefined;
  readonly agoraViewers: number | undefined;
}

export function channelKey({ metadata }: Pick<LiveChannel, 'metadata'>): ChannelKey {
  return { namespace: metadata.namespace ?? '', channelId: channelIdOf(metadata) };
}

/** Where there is something to see: on air, or to be so, or with viewers on Agora of whom somebody told. */
export function isSampled(channel: LiveChannel, { agoraViewers }: Seen): boolean {
  if (channel.metadata.deletionTimestamp !== undefined) return false;
  return (
    channel.status?.relayStatus === 'active' || desiredResources(channel).relay || agoraViewers !== undefined
  );
}

export function takeSample(channel: LiveChannel, seen: Seen, at: Date, afterGap: boolean): Sample {
  const { report } = seen;
  return {
    ...channelKey(channel),
    at,
    agoraViewers: seen.agoraViewers,
    hlsViewers: seen.hlsViewers,
    bitrateKbps: report === undefined ? undefined : Math.round(report.outBitrateKbps),
    relayHealth: report?.health,
    relayStatus: channel.status?.relayStatus,
    platform: channel.status?.streamingPlatform,
    afterGap,
  };
}
