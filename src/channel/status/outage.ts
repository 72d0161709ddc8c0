import { findCondition } from '../../api/conditions.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { isReason, reasons, type Reason } from '../../api/reasons.ts';
import type { StreamState, Observed, Problem } from '../state.ts';
import { ending } from '../pod/pod-problem.ts';

/** Whether the platform is at fault, so that another platform may work. */
export const blamesPlatform = (reason: string): boolean =>
  isReason(reason) && reasons[reason].blamesPlatform === true;

/** Why the platform keeps the channel from being on air; undefined when it does not, as far as is known. */
export function platformProblem(
  { desired: target }: Observed,
  stream: StreamState | undefined,
): Problem | undefined {
  const problem = stream === undefined ? targetProblem(target) : streamProblem(stream);
  return problem !== undefined && blamesPlatform(problem.reason) ? problem : undefined;
}

function targetProblem(target: Observed['desired']): Problem | undefined {
  return target.ok ? target.value.refused : target.problem;
}

function streamProblem({ platform, deferred, pod, report }: StreamState): Problem | undefined {
  if (deferred?.failure?.part === 'stream') return deferred.failure;
  if (!platform.ok) return platform.problem;
  if (report !== undefined && pod?.running === true)
    return report.state === 'live' ? undefined : { reason: report.reason, message: report.message };
  return pod !== undefined && !pod.running && pod.ended !== undefined ? ending(pod) : undefined;
}

/**
 * How long the channel has been without a working relay although it could have one, and whether its platform is to
 * blame. The memory is the condition FallbackActive: Unknown while the time counts, its reason the first that matters.
 */
export interface Outage {
  readonly since: Date;
  readonly reason: string;
  readonly message: string;
}

export function outageOf(channel: LiveChannel): Outage | undefined {
  const condition = findCondition(channel.status?.conditions, 'FallbackActive');
  const counting =
    condition?.status === 'Unknown' ||
    (condition?.status === 'True' && condition.reason === ('FallbackAgora' satisfies Reason));
  if (condition === undefined || !counting) return undefined;
  const { lastTransitionTime, reason, message } = condition;
  return { since: new Date(lastTransitionTime), reason, message };
}
