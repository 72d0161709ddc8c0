import { PlatformError } from '../errors.ts';
import type { PlaybackOptions, StreamOwner } from '../platform.ts';

/** The tag of a live stream, stored in its `passthrough`, Mux's only field for user data. */
export interface MuxTag {
  readonly owner: StreamOwner;
  readonly name: string;
  /** Whether the recordings are kept. Mux records every broadcast. */
  readonly recording: PlaybackOptions['recording'];
}

/** Mux's length limit of `passthrough`: https://www.mux.com/docs/api-reference/video/live-streams/create-live-stream */
const MAX_PASSTHROUGH_LENGTH = 255;
const OWNED_PREFIX = 'livechannel/1';
const DISOWNED_PREFIX = 'livechannel-retained/1';
/** Marks a truncated channel name. It is not allowed in Kubernetes names. */
const TRUNCATED_SUFFIX = '~';

/**
 * `livechannel/1 <cluster> <channel uid> <platform> <stream name> <recording> <channel>`.
 * The channel comes last, because it is informational and is truncated if it does not fit. Throws InvalidConfiguration if
 * the other parts do not fit or contain other characters than visible ASCII without "~".
 */
export function passthroughOf({ owner, name, recording }: MuxTag): string {
  const identity = [OWNED_PREFIX, owner.clusterId, owner.channelUid, owner.platform, name, recording];
  const odd = identity.find((word) => !/^[\x21-\x7d]+$/.test(word));
  const head = `${identity.join(' ')} `;
  if (odd !== undefined || head.length >= MAX_PASSTHROUGH_LENGTH)
    throw new PlatformError(
      'InvalidConfiguration',
      odd === undefined
        ? `The owner tag of the stream exceeds the ${MAX_PASSTHROUGH_LENGTH} characters that Mux allows. Use a shorter name for the StreamingPlatform.`
        : `"${odd}" cannot be part of the owner tag of a stream at Mux. Use visible ASCII characters without "~".`,
      { retryable: false },
    );
  const text = head + owner.channel.replaceAll(/[^\x21-\x7d]/g, '_');
  return text.length <= MAX_PASSTHROUGH_LENGTH
    ? text
    : text.slice(0, MAX_PASSTHROUGH_LENGTH - 1) + TRUNCATED_SUFFIX;
}

const TAG_PATTERN = new RegExp(
  `^${OWNED_PREFIX} ([\\x21-\\x7d]+) ([\\x21-\\x7d]+) ([\\x21-\\x7d]+) ([\\x21-\\x7d]+) (off|automatic) (\\S*)$`,
);

/** Parses a tag. Undefined if the text does not match the format exactly; the stream is then not the operator's. */
export function tagOf(passthrough: string | undefined): MuxTag | undefined {
  const [, clusterId, channelUid, platform, name, recording, channel] =
    TAG_PATTERN.exec(passthrough ?? '') ?? [];
  if (clusterId === undefined || channelUid === undefined || platform === undefined) return undefined;
  if (name === undefined || channel === undefined) return undefined;
  return {
    owner: { clusterId, channelUid, platform, channel },
    name,
    recording: recording === 'automatic' ? 'automatic' : 'off',
  };
}

/** The passthrough of a disowned stream: it still names the former owner, but is no longer a tag. */
export function disowned(passthrough: string): string {
  return (DISOWNED_PREFIX + passthrough.slice(OWNED_PREFIX.length)).slice(0, MAX_PASSTHROUGH_LENGTH);
}
