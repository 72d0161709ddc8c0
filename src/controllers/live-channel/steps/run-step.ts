import type { Step } from '../../../channel/plan/next-step.ts';
import type { StreamRecord } from '../../../api/stream-records.ts';
import { ApiError } from '../../../kube/errors.ts';
import { announceSecret, createPod, deletePod } from './pod.ts';
import { commandRelay, fence, failOver } from './failover.ts';
import { deleteSecret, refreshSecret } from './secret.ts';
import { deleteStream, ensureStream, release, rotateKey } from './stream.ts';
import { noteRecord, RecordsNotKeptError, writeRecords } from './stream-records.ts';
import { recoverRecords } from './recover.ts';
import { done, type StepContext, type StepOutcome } from '../deps.ts';
import { CONCURRENCY_REQUEUE_MS, REFUSED_RETRY_MS } from '../../timing.ts';

/** Takes one step. Failures that a user can resolve are returned; all others are thrown. */
export async function runStep(context: StepContext, step: Step): Promise<StepOutcome> {
  try {
    return await take(context, step);
  } catch (error) {
    // The API server rejects the request because of e.g. a quota, a webhook or missing RBAC, which a user must resolve.
    const rejected = error instanceof ApiError && (error.isForbidden || error.isInvalid);
    if (!rejected && !(error instanceof RecordsNotKeptError)) throw error;
    // Without its records, a status would be written that says nothing of the stream that is on air.
    if (step.do === 'recover') throw error;
    const part = podSteps.has(step.do) ? 'relay' : 'stream';
    return {
      failed: { part, reason: 'ReconcileFailed', message: error.message },
      requeueAfterMs: REFUSED_RETRY_MS,
    };
  }
}

const podSteps: ReadonlySet<Step['do']> = new Set(['create-pod', 'delete-pod', 'announce-secret']);

async function take(context: StepContext, step: Step): Promise<StepOutcome> {
  switch (step.do) {
    case 'none':
      return done;
    case 'recover':
      return recoverRecords(context);
    case 'record':
      await writeRecords(context, step.records);
      if (step.event !== undefined)
        context.deps.event(step.event.type, step.event.reason, step.event.message);
      return done;
    case 'note':
      await noteRecord(context, step.record, step.noted);
      return done;
    case 'ensure-stream':
      return limited(context, step.record, () => ensureStream(context, step.record));
    case 'fail-over':
      return failOver(context, step);
    case 'command':
      return commandRelay(context, step);
    case 'fence':
      return fence(context, step.record);
    case 'rotate-key':
      return rotateKey(context, step);
    case 'refresh-secret':
      return refreshSecret(context, step);
    case 'create-pod':
      return createPod(context, step);
    case 'delete-pod':
      return deletePod(context, step);
    case 'announce-secret':
      return announceSecret(context, step);
    case 'delete-secret':
      return deleteSecret(context, step.slot);
    case 'delete-stream':
      return limited(context, step.record, () => deleteStream(context, step.record));
    case 'release':
      return release(context);
  }
}

/**
 * Runs a step within the concurrency limit of the platform. A queued channel is requeued when a call ends; the interval
 * covers a requeue that was missed.
 */
async function limited(
  { channel, deps }: StepContext,
  { platform }: StreamRecord,
  run: () => Promise<StepOutcome>,
): Promise<StepOutcome> {
  return (
    (await deps.concurrency.take(platform, channel.metadata, run)) ?? {
      requeueAfterMs: CONCURRENCY_REQUEUE_MS,
    }
  );
}
