import { PlatformError } from '../errors.ts';
import type { PlaybackOptions, StreamOwner } from '../platform.ts';

/** What a live stream of ours carries in its `passthrough`, the one field that Mux leaves to its users. */
export interface MuxTag {
  readonly owner: StreamOwner;
  readonly name: string;
  /** Whether what Mux records of the stream is wanted: it records always. */
  readonly recording: PlaybackOptions['recording'];
}

/** Mux's limit of `passthrough`: https://www.mux.com/docs/api-reference/video/live-streams/create-live-stream */
const LONGEST = 255;
const OURS = 'livechannel/1';
const DISOWNED = 'livechannel-retained/1';
/** Follows a channel that was cut off; Kubernetes names have no such character. */
const CUT = '~';

/**
 * `livechannel/1 <cluster> <channel uid> <platform> <stream name> <recording> <channel>`.
 * The channel comes last because it is for people alone, and is cut off where there is no room for all of it.
 */
export function passthroughOf({ owner, name, recording }: MuxTag): string {
  const identity = [OURS, owner.clusterId, owner.channelUid, owner.platform, name, recording];
  const odd = identity.find((word) => !/^[\x21-\x7d]+$/.test(word));
  const head = `${identity.join(' ')} `;
  if (odd !== undefined || head.length >= LONGEST)
    throw new PlatformError(
      'InvalidConfiguration',
      odd === undefined
        ? `What marks the stream as ours does not fit into the ${String(LONGEST)} characters that Mux has for it; give the StreamingPlatform a shorter name.`
        : `"${odd}" cannot be part of what marks a stream at Mux as ours: it must be visible ASCII characters without "~".`,
      { retryable: false },
    );
  const text = head + owner.channel.replaceAll(/[^\x21-\x7d]/g, '_');
  return text.length <= LONGEST ? text : text.slice(0, LONGEST - 1) + CUT;
}

const pattern = new RegExp(
  `^${OURS} ([\\x21-\\x7d]+) ([\\x21-\\x7d]+) ([\\x21-\\x7d]+) ([\\x21-\\x7d]+) (off|automatic) (\\S*)$`,
);

/** Undefined for whatever we did not write to the letter: then the stream is somebody else's. */
export function tagOf(passthrough: string | undefined): MuxTag | undefined {
  const [, clusterId, channelUid, platform, name, recording, channel] = pattern.exec(passthrough ?? '') ?? [];
  if (clusterId === undefined || channelUid === undefined || platform === undefined) return undefined;
  if (name === undefined || channel === undefined) return undefined;
  return {
    owner: { clusterId, channelUid, platform, channel },
    name,
    recording: recording === 'automatic' ? 'automatic' : 'off',
  };
}

/** Tells people where the stream came from, and is no tag any more. */
export function disowned(passthrough: string): string {
  return (DISOWNED + passthrough.slice(OURS.length)).slice(0, LONGEST);
}
