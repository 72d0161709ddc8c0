import { toKubeTime } from '../../base/kube-time.ts';
import type { LiveChannelStatus } from '../../api/live-channel.ts';
import { reasons, type Reason } from '../../api/reasons.ts';
import type { RelayPodFacts } from '../state.ts';
import { ending } from '../pod/pod-problem.ts';

type RelayStatusPart = NonNullable<LiveChannelStatus['relay']>;

/** `relay.restarts` and what it was last counted on: enough to count every restart once, also after a crash. */
export type RestartCount = Pick<
  RelayStatusPart,
  'restarts' | 'lastRestartReason' | 'lastRestartTime' | 'observedPodUid' | 'observedContainerRestarts'
>;

/**
 * Counts on from `before`.
 *
 * - The same pod with more container restarts: each counts, with the reason that the container left.
 * - Another pod than the one last seen: one replacement, with `replacedBecause`; none after a stop.
 * - No pod: nothing yet. It counts when the next one is there, unless the relay is `stopped` on purpose.
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
  const another = !samePod && count.observedPodUid !== undefined;
  const replaced = another && reasons[context.replacedBecause].podDeletion !== 'stop' ? 1 : 0;
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

/** Without the other fields of `status.relay`, which describe a pod that may no longer exist. */
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
