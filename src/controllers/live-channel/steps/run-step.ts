import type { Step } from '../../../channel/plan/next-step.ts';
import type { StreamRecord } from '../../../api/annotations/stream-records.ts';
import { ApiError } from '../../../kube/errors.ts';
import { announceSecret, createPod, deletePod } from './pod.ts';
import { commandRelay, fence, failOver } from './failover.ts';
import { deleteSecret, refreshSecret } from './secret.ts';
import { deleteStream, ensureStream, release, rotateKey } from './stream.ts';
import type { ChannelState } from '../observe.ts';
import { noteRecord, writeRecords } from './stream-records.ts';
import { done, type StepOutcome, type ReconcilerDeps } from '../deps.ts';

/** Takes one step. Failures that a user can read something from come back; all others are thrown. */
export async function runStep(
  step: Step,
  state: ChannelState,
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<StepOutcome> {
  try {
    return await take(step, state, tools, signal);
  } catch (error) {
    // The API server will not have it, e.g. for a quota, a webhook or a missing right: somebody has to mend that.
    if (!(error instanceof ApiError) || !(error.isForbidden || error.isInvalid)) throw error;
    const part = podSteps.has(step.do) ? 'relay' : 'stream';
    return { failed: { part, reason: 'ReconcileFailed', message: error.message }, requeueAfterMs: 15_000 };
  }
}

const podSteps: ReadonlySet<Step['do']> = new Set(['create-pod', 'delete-pod', 'announce-secret']);

async function take(
  step: Step,
  state: ChannelState,
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const { channel } = state.observed;
  switch (step.do) {
    case 'none':
      return done;
    case 'record':
      await writeRecords(channel, step.records, tools, signal);
      if (step.event !== undefined) tools.event(step.event.type, step.event.reason, step.event.message);
      return done;
    case 'note':
      await noteRecord(channel, step.record, step.noted, tools, signal);
      return done;
    case 'ensure-stream':
      return inTurn(step.record, state, tools, () => ensureStream(state, step.record, tools, signal));
    case 'hand-over':
      return failOver(state, step, tools, signal);
    case 'command':
      return commandRelay(channel, step, tools, signal);
    case 'fence':
      return fence(state, step.record, tools, signal);
    case 'rotate-key':
      return rotateKey(state, step, tools, signal);
    case 'refresh-secret':
      return refreshSecret(state, step, tools, signal);
    case 'create-pod':
      return createPod(state, step, tools, signal);
    case 'delete-pod':
      return deletePod(channel, step, tools, signal);
    case 'announce-secret':
      return announceSecret(state, step, tools, signal);
    case 'delete-secret':
      return deleteSecret(channel, step.slot, tools, signal);
    case 'delete-stream':
      return inTurn(step.record, state, tools, () => deleteStream(channel, step.record, tools, signal));
    case 'release':
      return release(channel, tools, signal);
  }
}

/** Somebody who waits in a line is woken; the time is for the case that nobody does. */
async function inTurn(
  { platform }: StreamRecord,
  { observed }: ChannelState,
  tools: ReconcilerDeps,
  run: () => Promise<StepOutcome>,
): Promise<StepOutcome> {
  return (
    (await tools.concurrency.take(platform, observed.channel.metadata, run)) ?? { requeueAfterMs: 30_000 }
  );
}
