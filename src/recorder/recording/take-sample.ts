import { channelIdOf } from '../../api/channel-id.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import type { RelayReport } from '../../api/relay-contract.ts';
import { desiredResources } from '../../channel/desired/resources.ts';
import type { ChannelKey, Sample } from '../../store/store.ts';

/** What is observed of a channel apart from its resource. undefined: unknown; no default is substituted. */
export interface Seen {
  /** Last report of the active relay, unless it is too old. */
  readonly report: RelayReport | undefined;
  /** When that report was received. */
  readonly reportedAt?: Date | undefined;
  readonly hlsViewers: number | undefined;
  readonly agoraViewers: number | undefined;
  /** Bytes that the platform has delivered of the stream since it began to count. */
  readonly deliveredBytes?: number | undefined;
}

/** A count that a platform or an app reported, whole and from 0 to `most`. undefined: it is unknown, or no number. */
export function countWithin(most: number, reported: number | undefined): number | undefined {
  if (reported === undefined || Number.isNaN(reported)) return undefined;
  return Math.round(Math.min(Math.max(reported, 0), most));
}

/** The metadata that identify a channel, also of one that cannot be decoded. */
type ChannelNames = Pick<LiveChannel['metadata'], 'name' | 'namespace' | 'annotations'>;

/** Namespace and channel id, by which the database identifies a channel. */
export function channelKey({ metadata }: { readonly metadata: ChannelNames }): ChannelKey {
  return { namespace: metadata.namespace ?? '', channelId: channelIdOf(metadata) };
}

/** Whether there is something to observe: the channel is or should be on air, or has reported viewers on Agora. */
export function isSampled(channel: LiveChannel, { agoraViewers }: Seen): boolean {
  if (channel.metadata.deletionTimestamp !== undefined) return false;
  return (
    channel.status?.relayStatus === 'active' || desiredResources(channel).relay || agoraViewers !== undefined
  );
}

/** What was observed, in numbers. Bitrate is rounded to whole kbit/s. */
export function numbersOf({
  report,
  hlsViewers,
  agoraViewers,
}: Seen): Pick<Sample, 'agoraViewers' | 'hlsViewers' | 'bitrateKbps' | 'relayHealth'> {
  const bitrateKbps = report === undefined ? undefined : Math.round(report.outBitrateKbps);
  return { agoraViewers, hlsViewers, bitrateKbps, relayHealth: report?.health };
}

/** Builds a sample of a channel at `at` from what was observed. */
export function takeSample(channel: LiveChannel, seen: Seen, at: Date, afterGap: boolean): Sample {
  return {
    ...channelKey(channel),
    at,
    ...numbersOf(seen),
    relayStatus: channel.status?.relayStatus,
    platform: channel.status?.streamingPlatform,
    afterGap,
  };
}
