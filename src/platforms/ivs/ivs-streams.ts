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

/** IVS tells of no channel when it was made; without it nobody knows which of two of one name is the older. */
const CREATED_AT = 'livechannel.dev/created-at';

export function ivsTags(owner: StreamOwner, now: Date): Record<string, string> {
  return { ...ownerTags(owner), [CREATED_AT]: now.toISOString() };
}

export function isOwnedBy(clusterId: string, { tags }: IvsChannelSummary): boolean {
  return tags[ownerTagNames.clusterId] === clusterId;
}

export function provisionedStream(
  channel: IvsChannel,
  key: IvsStreamKey,
  ingestCa: string | undefined,
): ProvisionedStream {
  return {
    id: streamId(channel.arn),
    ingestUrl: ingestUrlOf(channel.ingestEndpoint),
    streamKey: new SecretText(key.value),
    // The last part of arn:aws:ivs:<region>:<account>:stream-key/<id>: no part of the key itself.
    streamKeyId: key.arn.slice(key.arn.lastIndexOf('/') + 1),
    playbackUrl: channel.playbackUrl,
    ...(ingestCa === undefined ? {} : { ingestCa }),
  };
}

/** IVS gives a host, and documents the port and the path; a test double's ingest has a port of its own. */
export function ingestUrlOf(ingestEndpoint: string): string {
  return `rtmps://${/:\d+$/.test(ingestEndpoint) ? ingestEndpoint : `${ingestEndpoint}:443`}/app/`;
}

/** `stream`: what is on air on the channel; null when nothing is, undefined when that was not asked. */
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
    // Only CloudWatch has it.
    ingestBitrateKbps: undefined,
    createdAt: dateOf(channel.tags[CREATED_AT]),
  };
}

export function streamAnalytics({ viewerCount }: IvsStream): StreamAnalytics {
  return {
    viewers: viewersOf(viewerCount),
    ingestBitrateKbps: undefined,
  };
}

export function isLive(stream: IvsStream | null): boolean {
  return stream !== null && stream.state !== 'OFFLINE';
}

/** Those whose age is not known come last; among equals the order is at least always the same. */
export function byAge(one: ObservedStream, other: ObservedStream): number {
  const age = (stream: ObservedStream): number => stream.createdAt?.getTime() ?? Infinity;
  if (age(one) !== age(other)) return age(one) < age(other) ? -1 : 1;
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}

/** -1 is IVS's way to say that counting took too long. */
function viewersOf(viewerCount: number | undefined): number | undefined {
  return viewerCount === undefined || viewerCount < 0 ? undefined : viewerCount;
}

function dateOf(text: string | undefined): Date | undefined {
  const date = new Date(text ?? '');
  return Number.isNaN(date.getTime()) ? undefined : date;
}
