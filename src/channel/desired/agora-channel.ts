import type { LiveChannel } from '../../api/live-channel.ts';

/** Name of the Agora channel that is relayed. */
export function agoraChannelName({ spec, metadata }: LiveChannel): string {
  return spec.agora.channelName ?? metadata.name;
}
