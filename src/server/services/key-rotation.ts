import { channelIdOf } from '../../api/channel-id.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { annotations } from '../../api/names.ts';
import type { StreamingPlatform } from '../../api/streaming-platform.ts';
import { ApiProblem } from '../problems.ts';
import type { ChannelPatch } from './channel-draft.ts';

/** The patch that requests another stream key: any value that differs from the previous one is a request. */
export function rotationAt(now: Date): ChannelPatch {
  return { metadata: { annotations: { [annotations.rotateKey]: now.toISOString() } } };
}

/** Whether the platform has keys that can be replaced: a fixed ingest has one, which is in its Secret. */
export function canRotateKey({ spec }: Pick<StreamingPlatform, 'spec'>): boolean {
  return spec.provider !== 'rtmp';
}

/** Why the key of the channel's stream cannot be replaced; undefined: it can. */
export function rotationProblem(
  { metadata, status }: Pick<LiveChannel, 'metadata' | 'status'>,
  platform: Pick<StreamingPlatform, 'metadata' | 'spec'> | undefined,
): ApiProblem | undefined {
  if (status?.streamId === undefined)
    return new ApiProblem('cannot-rotate-key', `Channel ${channelIdOf(metadata)} has no stream.`);
  if (platform !== undefined && !canRotateKey(platform))
    return new ApiProblem(
      'cannot-rotate-key',
      `The stream key of ${platform.metadata.name} is fixed. Put another one into the Secret of the platform.`,
    );
  return undefined;
}
