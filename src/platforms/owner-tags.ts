import type { StreamOwner } from './platform.ts';

/** The tags that say whose a stream is, for platforms that keep tags by name. */
export const ownerTagNames = {
  clusterId: 'livechannel.dev/cluster',
  platform: 'livechannel.dev/platform',
  channelUid: 'livechannel.dev/channel-uid',
  channel: 'livechannel.dev/channel',
} as const;

export function ownerTags(owner: StreamOwner): Record<string, string> {
  return {
    [ownerTagNames.clusterId]: owner.clusterId,
    [ownerTagNames.platform]: owner.platform,
    [ownerTagNames.channelUid]: owner.channelUid,
    [ownerTagNames.channel]: owner.channel,
  };
}

/** Undefined for a stream that no operator made, or that was disowned. */
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
