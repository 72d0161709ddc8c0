import { toKubeTime } from '../../base/kube-time.ts';
import type { LiveChannelStatus } from '../../api/live-channel.ts';
import { reasons, type Reason } from '../../api/reasons.ts';
import type { RelayPodFacts } from '../state.ts';
import { ending } from '../pod/pod-problem.ts';

type RelayStatusPart = NonNullable<LiveChannelStatus['relay']>;

/** `relay.restarts` and the pod it was last counted on. Each restart is counted once, even if the operator crashes. */
export type RestartCount = Pick<
  RelayStatusPart,
  'restarts' | 'lastRestartReason' | 'lastRestartTime' | 'observedPodUid' | 'observedContainerRestarts'
>;

/**
 * Adds the restarts since `before`.
 *
 * - The same pod with more container restarts: each restart counts, with the reason for which the container terminated.
 * - A new pod: one replacement, with the reason `replacedBecause`; none if the relay was stopped on purpose.
 * - No pod: nothing is counted. The replacement counts when the next pod exists, unless the relay is `stopped`.
 */
export function countRestarts(
  before: RestartCount | undefined,
  pod: RelayPodFacts | undefined,
  context: { readonly stopped: boolean; readonly replacedBecause: Reason; readonly now: Date },
): RestartCount {
  const count = onlyCount(before);
  if (pod === undefined) {
    if (!context.stopped) return count;
    const { observedPodUid: _uid, observedContainerRestarts: _restarts, ...kept } = count;
    return kept;
  }
  const samePod = count.observedPodUid === pod.uid;
  const isNewPod = !samePod && count.observedPodUid !== undefined;
  const replaced = isNewPod && reasons[context.replacedBecause].podDeletion !== 'stop' ? 1 : 0;
  const inPod = pod.restartCount - (samePod ? (count.observedContainerRestarts ?? 0) : 0);
  const added = replaced + Math.max(0, inPod);
  const seen = { observedPodUid: pod.uid, observedContainerRestarts: pod.restartCount };
  if (added === 0) return { ...count, ...seen };
  return {
    restarts: count.restarts + added,
    lastRestartReason: inPod > 0 ? ending(pod).reason : context.replacedBecause,
    lastRestartTime: toKubeTime(context.now),
    ...seen,
  };
}

/** Drops the other fields of `status.relay`, which describe a pod that may no longer exist. */
function onlyCount(before: RestartCount | undefined): RestartCount {
  if (before === undefined) return { restarts: 0 };
  const { restarts, lastRestartReason, lastRestartTime, observedPodUid, observedContainerRestarts } = before;
  return {
    restarts,
    ...(lastRestartReason === undefined ? {} : { lastRestartReason }),
    ...(lastRestartTime === undefined ? {} : { lastRestartTime }),
    ...(observedPodUid === undefined ? {} : { observedPodUid }),
    ...(observedContainerRestarts === undefined ? {} : { observedContainerRestarts }),
  };
}
