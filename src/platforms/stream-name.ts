import type { PlaybackOptions, StreamOwner } from './platform.ts';
import { sha256Hex } from '../base/digest.ts';

/**
 * The name of a channel's stream on its platform: the same owner and options always get the same one, so that a create
 * whose answer was lost can be found again, and what a channel moves to never has the name of what it moves from.
 * A DNS label of 35 characters, which every provider takes.
 * The channel's own name is not part of it: uids are unique for all time, names are used again.
 */
export function streamName(
  { clusterId, channelUid, platform }: Omit<StreamOwner, 'channel'>,
  { latency, access, recording }: PlaybackOptions,
): string {
  const identity = JSON.stringify([clusterId, channelUid, platform, latency, access, recording]);
  return `lc-${sha256Hex(identity, 32)}`;
}
