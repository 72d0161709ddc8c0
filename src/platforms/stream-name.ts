import { createHash } from 'node:crypto';
import type { StreamOwner } from './platform.ts';

/**
 * The name of a channel's stream on its platform: the same owner always gets the same one, so that a create whose
 * answer was lost can be found again. A DNS label of 35 characters, which every provider takes.
 * The channel's own name is not part of it: uids are unique for all time, names are used again.
 */
export function streamName({ clusterId, channelUid }: Pick<StreamOwner, 'clusterId' | 'channelUid'>): string {
  const identity = JSON.stringify([clusterId, channelUid]);
  return `lc-${createHash('sha256').update(identity).digest('hex').slice(0, 32)}`;
}
