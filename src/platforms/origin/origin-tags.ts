import type { StreamOwner } from '../platform.ts';

const CLUSTER = 'livechannel.dev/cluster';
const CHANNEL_UID = 'livechannel.dev/channel-uid';
const CHANNEL = 'livechannel.dev/channel';

export function tagsOf(owner: StreamOwner): Record<string, string> {
  return { [CLUSTER]: owner.clusterId, [CHANNEL_UID]: owner.channelUid, [CHANNEL]: owner.channel };
}

/** Without the mark that makes the stream ours; whose it was stays readable. */
export function disowned(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter(([name]) => name !== CLUSTER));
}

/** Undefined for a stream that no operator made, or that was disowned. */
export function ownerOf(tags: Readonly<Record<string, string>>): StreamOwner | undefined {
  const { [CLUSTER]: clusterId, [CHANNEL_UID]: channelUid, [CHANNEL]: channel } = tags;
  if (clusterId === undefined || channelUid === undefined) return undefined;
  return { clusterId, channelUid, channel: channel ?? '' };
}
