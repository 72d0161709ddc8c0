import { findCondition } from '../../api/conditions.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { isReason, reasons, type Reason } from '../../api/reasons.ts';
import type { StreamState, Observed, Problem } from '../state.ts';
import { ending } from '../pod/pod-problem.ts';

/** Whether the platform is at fault, so that another platform may work. */
export const blamesPlatform = (reason: string): boolean =>
  isReason(reason) && reasons[reason].blamesPlatform === true;

/** The fault of the platform that keeps the channel off air; undefined where none is known. */
export function platformProblem({ desired }: Observed, stream: StreamState | undefined): Problem | undefined {
  const problem = stream === undefined ? desiredProblem(desired) : streamProblem(stream);
  return problem !== undefined && blamesPlatform(problem.reason) ? problem : undefined;
}

function desiredProblem(desired: Observed['desired']): Problem | undefined {
  return desired.ok ? desired.value.refused : desired.problem;
}

function streamProblem({ platform, deferred, pod, report }: StreamState): Problem | undefined {
  if (deferred?.failure?.part === 'stream') return deferred.failure;
  if (!platform.ok) return platform.problem;
  if (report !== undefined && pod?.running === true)
    return report.state === 'live' ? undefined : { reason: report.reason, message: report.message };
  return pod !== undefined && !pod.running && pod.ended !== undefined ? ending(pod) : undefined;
}

/**
 * Since when the channel has had no working relay although it should have one, and why. It is kept in the condition
 * FallbackActive, which is Unknown during an outage. Its reason shows whether the platform is at fault.
 */
export interface Outage {
  readonly since: Date;
  readonly reason: string;
  readonly message: string;
}

/** The outage that the status reports; undefined where it reports none. */
export function outageOf(channel: LiveChannel): Outage | undefined {
  const condition = findCondition(channel.status?.conditions, 'FallbackActive');
  const counting =
    condition?.status === 'Unknown' ||
    (condition?.status === 'True' && condition.reason === ('FallbackAgora' satisfies Reason));
  if (condition === undefined || !counting) return undefined;
  const { lastTransitionTime, reason, message } = condition;
  return { since: new Date(lastTransitionTime), reason, message };
}
