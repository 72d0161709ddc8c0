import { annotations } from '../api/names.ts';
import type { LiveChannel } from '../api/live-channel.ts';

/** What the channel's annotations record of its stream: the memory that outlives the operator. */
export interface StreamRecord {
  /** The platform on which a stream was made, or is about to be. */
  readonly platform: string;
  /** Unknown between the decision to create and the recorded answer. */
  readonly streamId: string | undefined;
}

/** The annotations in which it is kept. */
export const streamAnnotations = {
  platform: annotations.streamPlatform,
  id: annotations.streamId,
  pending: annotations.streamCreatePending,
} as const;

export function streamRecord(channel: LiveChannel): StreamRecord | undefined {
  const noted = channel.metadata.annotations ?? {};
  const platform = noted[annotations.streamPlatform];
  if (platform === undefined) return undefined;
  return { platform, streamId: noted[annotations.streamId] };
}

/** The annotations that say so. */
export function streamRecordAnnotations(record: StreamRecord | undefined): Record<string, string> {
  if (record === undefined) return {};
  return {
    [annotations.streamPlatform]: record.platform,
    ...(record.streamId === undefined
      ? { [annotations.streamCreatePending]: 'true' }
      : { [annotations.streamId]: record.streamId }),
  };
}
