import type { Step } from '../../channel/next-step.ts';
import { ApiError } from '../../kube/errors.ts';
import { announceSecret, createPod, deletePod } from './act-on-pod.ts';
import { deleteSecret, refreshSecret } from './act-on-secret.ts';
import { deleteStream, ensureStream, recordStream, release } from './act-on-stream.ts';
import type { Scene } from './observe.ts';
import { done, type Outcome, type Tools } from './tools.ts';

/** Takes one step. Failures that a user can read something from come back; all others are thrown. */
export async function act(step: Step, scene: Scene, tools: Tools, signal: AbortSignal): Promise<Outcome> {
  try {
    return await take(step, scene, tools, signal);
  } catch (error) {
    // The API server will not have it, e.g. for a quota, a webhook or a missing right: somebody has to mend that.
    if (!(error instanceof ApiError) || !(error.isForbidden || error.isInvalid)) throw error;
    const part = podSteps.has(step.do) ? 'relay' : 'stream';
    return { failed: { part, reason: 'ReconcileFailed', message: error.message }, againAfterMs: 15_000 };
  }
}

const podSteps: ReadonlySet<Step['do']> = new Set(['create-pod', 'delete-pod', 'announce-secret']);

async function take(step: Step, scene: Scene, tools: Tools, signal: AbortSignal): Promise<Outcome> {
  const { channel } = scene.observed;
  switch (step.do) {
    case 'rest':
      return done;
    case 'record':
      return recordStream(channel, step.record, tools, signal);
    case 'ensure-stream':
      return ensureStream(scene, tools, signal);
    case 'refresh-secret':
      return refreshSecret(scene, tools, signal);
    case 'create-pod':
      return createPod(scene, tools, signal);
    case 'delete-pod':
      return deletePod(scene, step, tools, signal);
    case 'announce-secret':
      return announceSecret(scene, tools, signal);
    case 'delete-secret':
      return deleteSecret(scene, tools, signal);
    case 'delete-stream':
      return deleteStream(channel, step.record, tools, signal);
    case 'release':
      return release(channel, step.retained, tools, signal);
  }
}
