import type { StreamRecord } from '../../../api/stream-records.ts';
import { STREAM_FINALIZER } from '../../../api/names.ts';
import type { Problem, StreamState } from '../../../channel/state.ts';
import type { OpenPlatform } from '../../../cluster/platform-directory.ts';
import { PlatformError } from '../../../platforms/errors.ts';
import type { ActionContext, StepContext, StepOutcome } from '../deps.ts';
import { streamOfRecord } from '../state.ts';
import { PLATFORM_CLOSED_RETRY_MS, PLATFORM_RETRY_MS, REFUSED_RETRY_MS } from '../../timing.ts';

/**
 * Acts on one of the channel's streams and its platform. Without either of them the outcome is `otherwise`: the status
 * reports a missing platform, and a stream that was not observed no longer has a record.
 */
export async function withStream(
  context: StepContext,
  record: StreamRecord,
  otherwise: StepOutcome,
  act: (stream: StreamState, platform: OpenPlatform) => Promise<StepOutcome>,
): Promise<StepOutcome> {
  const stream = streamOfRecord(context.state, record);
  const platform = await context.deps.platforms.open(record.platform, context.signal);
  if (!platform.ok || stream === undefined) return otherwise;
  return orFailure(context, platform.value, () => act(stream, platform.value));
}

/** Acts on the platform of a record when its stream is deleted or retained. If it cannot be opened, that is blocked. */
export async function withPlatform(
  context: ActionContext,
  record: StreamRecord,
  purpose: 'deleted' | 'retained',
  act: (platform: OpenPlatform) => Promise<StepOutcome>,
): Promise<StepOutcome> {
  const platform = await context.deps.platforms.open(record.platform, context.signal);
  if (!platform.ok) return unreachable(context, record, platform.problem, purpose);
  return orFailure(context, platform.value, () => act(platform.value));
}

/** Returns a PlatformError as a failure. A missing permission is also noted for the status of the StreamingPlatform. */
async function orFailure(
  { deps }: ActionContext,
  platform: OpenPlatform,
  act: () => Promise<StepOutcome>,
): Promise<StepOutcome> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    const { reason, retryable } = error;
    const message = `StreamingPlatform ${platform.name}: ${error.message}`;
    if (reason === 'PermissionDenied')
      deps.platforms.noteRefusal(platform, { reason, message: error.message });
    return {
      failed: { part: 'stream', reason, message },
      requeueAfterMs: retryable ? PLATFORM_RETRY_MS : REFUSED_RETRY_MS,
    };
  }
}

function unreachable(
  { channel }: ActionContext,
  record: StreamRecord,
  problem: Problem,
  purpose: 'deleted' | 'retained',
): StepOutcome {
  const abandon =
    channel.metadata.deletionTimestamp === undefined
      ? 'its entry from status.streams (kubectl edit --subresource=status)'
      : `finalizer ${STREAM_FINALIZER}`;
  return {
    failed: {
      part: 'stream',
      reason: problem.reason,
      message:
        `Stream ${record.id ?? record.name} cannot be ${purpose}: ${problem.message} Restore the platform; or, ` +
        `to abandon the stream, remove ${abandon} from this LiveChannel.`,
    },
    requeueAfterMs: PLATFORM_CLOSED_RETRY_MS,
  };
}
