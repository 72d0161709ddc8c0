import type { StreamRecord } from '../../../api/annotations/stream-records.ts';
import { annotations, STREAM_FINALIZER } from '../../../api/names.ts';
import type { Problem, StreamState } from '../../../channel/state.ts';
import type { OpenPlatform } from '../../../cluster/platform-directory.ts';
import { PlatformError } from '../../../platforms/errors.ts';
import type { ActionContext, StepContext, StepOutcome } from '../deps.ts';
import { streamOfRecord } from '../state.ts';

/**
 * Acts on one of the channel's streams and its platform. Where either is not there, `otherwise` is the outcome: the
 * status reports the platform, and a stream that was not observed has no record any longer.
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

/** Acts on what a record names, for a channel that goes: a platform that cannot be opened blocks that. */
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

/** A refusal by the platform is a failure for the status; a missing permission is noted as the platform's, too. */
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
    return { failed: { part: 'stream', reason, message }, requeueAfterMs: retryable ? 5_000 : 15_000 };
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
      ? `annotation ${annotations.streams}`
      : `finalizer ${STREAM_FINALIZER}`;
  return {
    failed: {
      part: 'stream',
      reason: problem.reason,
      message:
        `Stream ${record.id ?? record.name} cannot be ${purpose}: ${problem.message} Restore the platform; or, ` +
        `to abandon the stream, remove ${abandon} from this LiveChannel.`,
    },
    requeueAfterMs: 10_000,
  };
}
