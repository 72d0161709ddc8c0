import { SecretText } from '../../base/secret-text.ts';
import { ownerOf, ownerTagNames, ownerTags } from '../owner-tags.ts';
import {
  streamId,
  type ObservedStream,
  type ProvisionedStream,
  type StreamAnalytics,
  type StreamOwner,
} from '../platform.ts';
import type { IvsChannel, IvsChannelSummary, IvsStream, IvsStreamKey } from './ivs-answers.ts';

/** Tag with the time of creation, which IVS does not return. It decides which of two channels with one name is older. */
const CREATED_AT_TAG = 'livechannel.dev/created-at';

/** The tags of a new channel: its owner and the time of creation. */
export function ivsTags(owner: StreamOwner, now: Date): Record<string, string> {
  return { ...ownerTags(owner), [CREATED_AT_TAG]: now.toISOString() };
}

/** Whether the channel has the tag of this cluster. */
export function isOwnedBy(clusterId: string, { tags }: IvsChannelSummary): boolean {
  return tags[ownerTagNames.clusterId] === clusterId;
}

/** Combines a channel and its key. `ingestCa`: PEM that verifies the ingest's certificate. */
export function provisionedStream(
  channel: IvsChannel,
  key: IvsStreamKey,
  ingestCa: string | undefined,
): ProvisionedStream {
  return {
    id: streamId(channel.arn),
    ingestUrl: ingestUrlOf(channel.ingestEndpoint),
    streamKey: new SecretText(key.value),
    // The last part of arn:aws:ivs:<region>:<account>:stream-key/<id>. It is not part of the key itself.
    streamKeyId: key.arn.slice(key.arn.lastIndexOf('/') + 1),
    playbackUrl: channel.playbackUrl,
    ...(ingestCa === undefined ? {} : { ingestCa }),
  };
}

/** IVS returns only a host, and documents port and path. The ingest of a test server includes its own port. */
export function ingestUrlOf(ingestEndpoint: string): string {
  return `rtmps://${/:\d+$/.test(ingestEndpoint) ? ingestEndpoint : `${ingestEndpoint}:443`}/app/`;
}

/** `stream`: the channel's broadcast; null if the channel is off air, undefined if that was not requested. */
export function observedStream(
  channel: IvsChannelSummary,
  stream: IvsStream | null | undefined,
): ObservedStream {
  const live = stream === undefined ? undefined : isLive(stream);
  return {
    id: streamId(channel.arn),
    name: channel.name,
    owner: ownerOf(channel.tags),
    live,
    liveSince: live === true ? stream?.startTime : undefined,
    viewers: live === true ? viewersOf(stream?.viewerCount) : undefined,
    // Available only from CloudWatch.
    ingestBitrateKbps: undefined,
    createdAt: dateOf(channel.tags[CREATED_AT_TAG]),
  };
}

/** The analytics of a live stream. */
export function streamAnalytics({ viewerCount }: IvsStream): StreamAnalytics {
  return {
    viewers: viewersOf(viewerCount),
    ingestBitrateKbps: undefined,
  };
}

/** Whether the broadcast is on air. */
export function isLive(stream: IvsStream | null): boolean {
  return stream !== null && stream.state !== 'OFFLINE';
}

/** Sorts the oldest first and streams of unknown age last; the ID makes the order of streams of equal age stable. */
export function byAge(one: ObservedStream, other: ObservedStream): number {
  const age = (stream: ObservedStream): number => stream.createdAt?.getTime() ?? Infinity;
  if (age(one) !== age(other)) return age(one) < age(other) ? -1 : 1;
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}

/** IVS returns -1 if counting took too long. */
function viewersOf(viewerCount: number | undefined): number | undefined {
  return viewerCount === undefined || viewerCount < 0 ? undefined : viewerCount;
}

function dateOf(text: string | undefined): Date | undefined {
  const date = new Date(text ?? '');
  return Number.isNaN(date.getTime()) ? undefined : date;
}
