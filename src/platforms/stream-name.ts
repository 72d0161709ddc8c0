import type { PlaybackOptions, StreamOwner } from './platform.ts';
import { sha256Hex } from '../base/digest.ts';

/**
 * The name of a channel's stream on its platform: a DNS label of 35 characters, which every provider accepts.
 * The same owner and options always have the same name, so that a stream can be found after the answer of its create was
 * lost. The streams before and after a migration have different names.
 * The channel's own name is not part of it, because names are reused and UIDs are not.
 */
export function streamName(
  { clusterId, channelUid, platform }: Omit<StreamOwner, 'channel'>,
  { latency, access, recording }: PlaybackOptions,
): string {
  const identity = JSON.stringify([clusterId, channelUid, platform, latency, access, recording]);
  return `lc-${sha256Hex(identity, 32)}`;
}
