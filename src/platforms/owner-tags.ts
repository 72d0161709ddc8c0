import type { StreamOwner } from './platform.ts';

/** Names of the tags that hold a stream's owner, on platforms with named tags. */
export const ownerTagNames = {
  clusterId: 'livechannel.dev/cluster',
  platform: 'livechannel.dev/platform',
  channelUid: 'livechannel.dev/channel-uid',
  channel: 'livechannel.dev/channel',
} as const;

/** The tags to write on a stream of this owner. */
export function ownerTags(owner: StreamOwner): Record<string, string> {
  return {
    [ownerTagNames.clusterId]: owner.clusterId,
    [ownerTagNames.platform]: owner.platform,
    [ownerTagNames.channelUid]: owner.channelUid,
    [ownerTagNames.channel]: owner.channel,
  };
}

/** The owner from a stream's tags. Undefined for a stream that was not created by an operator, or that was disowned. */
export function ownerOf(tags: Readonly<Record<string, string | undefined>>): StreamOwner | undefined {
  const clusterId = tags[ownerTagNames.clusterId];
  const channelUid = tags[ownerTagNames.channelUid];
  if (clusterId === undefined || channelUid === undefined) return undefined;
  return {
    clusterId,
    platform: tags[ownerTagNames.platform] ?? '',
    channelUid,
    channel: tags[ownerTagNames.channel] ?? '',
  };
}

/**
 * Whether both are the same owner. The channel's name is not compared: names are reused, UIDs are not, and it may be
 * shortened in a tag.
 */
export function isSameOwner(one: StreamOwner | undefined, other: StreamOwner): boolean {
  return (
    one?.clusterId === other.clusterId &&
    one.channelUid === other.channelUid &&
    one.platform === other.platform
  );
}
