import {
  terminationMessageSchema,
  relayExitCodes,
  type TerminationMessage,
} from '../../api/relay-contract.ts';
import { reasons, type Reason } from '../../api/reasons.ts';
import type { Problem, RelayPodFacts } from '../state.ts';
import { parseJson } from '../../base/parse-json.ts';

/** The problem that the pod's status shows; undefined where it shows none, or none yet. */
export function podProblem(pod: RelayPodFacts): Problem | undefined {
  if (pod.phase === 'Failed' || pod.phase === 'Succeeded') return ending(pod);
  const waiting = pod.waiting;
  if (waiting !== undefined) {
    const problem = waitingProblem(waiting);
    if (problem !== undefined) return problem;
    if (waiting.reason === 'CrashLoopBackOff') return ending(pod);
  }
  if (!pod.running && pod.ended !== undefined) return ending(pod);
  if (pod.unschedulable !== undefined)
    return {
      reason: 'PodPending',
      message: `Pod ${pod.name} cannot be scheduled: ${pod.unschedulable}`,
    };
  return undefined;
}

const imageReasons = new Set(['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull']);
const createReasons = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError']);

function waitingProblem(waiting: { reason: string; message: string }): Problem | undefined {
  const detail = waiting.message === '' ? waiting.reason : `${waiting.reason}: ${waiting.message}`;
  if (imageReasons.has(waiting.reason))
    return { reason: 'ImagePullFailed', message: `The relay's image cannot be pulled. ${detail}` };
  if (createReasons.has(waiting.reason))
    return {
      reason: 'ContainerCreateFailed',
      message: `The kubelet cannot create the relay container. ${detail}`,
    };
  return undefined;
}

/** Why the pod or its container terminated: the relay's own termination message where there is one. */
export function ending(pod: RelayPodFacts): Problem {
  if (pod.reason === 'Evicted')
    return { reason: 'Evicted', message: pod.message || 'The node evicted the pod.' };
  if (pod.reason === 'NodeLost') return { reason: 'NodeLost', message: pod.message || 'The node was lost.' };
  const ended = pod.ended;
  if (ended === undefined)
    return {
      reason: 'ContainerExited',
      message: pod.message || `Pod ${pod.name} ended in phase ${pod.phase}.`,
    };
  if (ended.reason === 'OOMKilled')
    return {
      reason: 'OOMKilled',
      message: 'The relay exceeded its memory limit. Raise spec.relay.template.resources.limits.memory.',
    };
  const reported = terminationMessage(ended.message);
  if (reported !== undefined) return reported;
  return {
    reason: 'ContainerExited',
    message: `The relay container terminated with exit code ${ended.exitCode}${ended.reason === '' ? '' : ` (${ended.reason})`}.`,
  };
}

/** Whether the relay itself reported that a restart with the same inputs will not help. */
export function endedFatally(pod: RelayPodFacts): boolean {
  const code = pod.ended?.exitCode;
  return !pod.running && (code === relayExitCodes.fatal || code === relayExitCodes.configuration);
}

function terminationMessage(text: string): TerminationMessage | undefined {
  const line = text.trim().split('\n').at(-1) ?? '';
  // Any other text was written by the container runtime, not by the relay.
  return terminationMessageSchema.safeParse(parseJson(line)).data;
}

/** Whether a relay that is off air for this reason is starting or waiting for its host. */
export const isTransient = (reason: Reason): boolean => reasons[reason].transient;
