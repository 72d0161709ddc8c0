import { fnv1a } from '../base/fnv1a.ts';

/**
 * The uids of relays in Agora channels: 4,000,000,000 to 4,199,999,999, a range that apps do not usually assign to their
 * users. A relay is a member of its Agora channel, and not one of its viewers.
 */
export const relayUids = { first: 4_000_000_000, count: 200_000_000 } as const;

/**
 * The relay's uid in the Agora channel. It never changes for a channel's slot, so that a successor replaces its
 * predecessor instead of joining as a second viewer.
 */
export function relayUid(channelUid: string, slot: number): number {
  return relayUids.first + (fnv1a(`${channelUid}/${slot}`) % relayUids.count);
}

/** Whether a member of an Agora channel is a relay. */
export function isRelayUid(uid: number): boolean {
  return uid >= relayUids.first && uid < relayUids.first + relayUids.count;
}
