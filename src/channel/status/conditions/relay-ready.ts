import type { Reason } from '../../../api/reasons.ts';
import { idleMessage } from '../../desired/idle.ts';
import { podProblem } from '../../pod/pod-problem.ts';
import { isReadyWithoutReport, type ConditionInput } from './input.ts';
import { conditionFalse, conditionFalseBecause, conditionTrue, type Rules } from './rule.ts';
import { RECENT_ERROR_WINDOW_MS } from '../../timing.ts';

/** RelayReady: the relay of the active stream pushes media. The reason reports a held frame or a resource shortage. */
export const relayReadyRules: Rules<ConditionInput> = [
  {
    name: 'failing over',
    decide: ({ failingOver, pod }) =>
      failingOver ? conditionTrue('FailedOver', `Failing over to pod ${pod?.name ?? ''}.`) : undefined,
  },
  { name: 'deleting', decide: ({ deleting }) => (deleting ? conditionFalse('Deleting') : undefined) },
  {
    name: 'suspended',
    decide: ({ channel }) => (channel.spec.suspend ? conditionFalse('Suspended') : undefined),
  },
  {
    name: 'off to save costs',
    decide: ({ offForCosts }) => (offForCosts === undefined ? undefined : conditionFalseBecause(offForCosts)),
  },
  {
    name: 'idle',
    decide: ({ idle, report, channel }) =>
      idle !== undefined && idle.probingSince === undefined && report?.state !== 'live'
        ? conditionFalse('Idle', idleMessage(channel, idle))
        : undefined,
  },
  {
    name: 'idle, and a relay checks for the host',
    decide: ({ idle, report, channel }) =>
      idle !== undefined && report?.state !== 'live'
        ? conditionFalse('Resuming', `A relay is checking for the host. ${idleMessage(channel, idle)}`)
        : undefined,
  },
  {
    name: 'no relay is required',
    decide: ({ desired }) => (desired.relay ? undefined : conditionFalse('AgoraOnly')),
  },
  {
    name: 'a step on the relay failed',
    decide: ({ active }) =>
      active?.deferred?.failure?.part === 'relay'
        ? conditionFalseBecause(active.deferred.failure)
        : undefined,
  },
  {
    name: 'no pod, because the Agora credentials are missing',
    decide: ({ pod, observed: { credentials } }) =>
      pod === undefined && !credentials.ok ? conditionFalseBecause(credentials.problem) : undefined,
  },
  {
    name: 'no pod yet',
    decide: ({ pod }) => (pod === undefined ? conditionFalse('RelayStarting') : undefined),
  },
  {
    name: 'the pod is terminating',
    decide: ({ pod }) =>
      pod?.deleting === true
        ? conditionFalse('RelayReplaced', `Pod ${pod.name} is terminating; a replacement will be created.`)
        : undefined,
  },
  {
    // As Kubernetes reports it: image, scheduling, crash loop, or how the container ended.
    name: 'the pod has a problem',
    decide: ({ pod }) => {
      const problem = pod === undefined ? undefined : podProblem(pod);
      return problem === undefined ? undefined : conditionFalseBecause(problem);
    },
  },
  {
    name: 'ready as the kubelet sees it, without a report',
    decide: ({ active, pod, report }) =>
      report === undefined && isReadyWithoutReport(active)
        ? conditionTrue(
            'Live',
            `Pod ${pod?.name ?? ''} is Ready (media is flowing), but its status endpoint is not reachable ` +
              'from the operator.',
          )
        : undefined,
  },
  {
    name: 'the relay hangs',
    decide: ({ active, pod, report }) =>
      report === undefined && active?.frozen === true
        ? conditionFalse(
            'RelayUnresponsive',
            `The relay in pod ${pod?.name ?? ''} accepts connections, but does not answer. ` +
              'The kubelet restarts it if its liveness probe fails too.',
          )
        : undefined,
  },
  {
    name: 'the pod is starting',
    decide: ({ pod, report }) =>
      report === undefined
        ? conditionFalse('RelayStarting', `Pod ${pod?.name ?? ''} is starting.`)
        : undefined,
  },
  {
    name: 'not on air, as the relay reports it',
    decide: ({ report }) =>
      report !== undefined && report.state !== 'live'
        ? conditionFalse(report.reason, report.message)
        : undefined,
  },
  {
    name: 'the last frame, because the Agora token has expired',
    decide: ({ expiredToken }) =>
      expiredToken === undefined ? undefined : conditionFalseBecause(expiredToken),
  },
  {
    name: 'on air with the last frame or the slate',
    decide: ({ report }) =>
      report?.videoOutput === 'held' ? conditionTrue('LastFrameHeld', report.message) : undefined,
  },
  {
    name: 'on air and short of CPU',
    decide: ({ report }) =>
      report?.healthReason.includes('CPUThrottled' satisfies Reason) === true
        ? conditionTrue('CPUThrottled', report.healthReason)
        : undefined,
  },
  {
    name: 'on air and short of memory a moment ago',
    decide: ({ report, now }) =>
      report?.lastError?.reason === 'MemoryPressure' &&
      now.getTime() - Date.parse(report.lastError.at) < RECENT_ERROR_WINDOW_MS
        ? conditionTrue('MemoryPressure', report.lastError.message)
        : undefined,
  },
  {
    // Before the rule for a transcode, which may be the relay's answer to congestion.
    name: 'on air below full quality, because the ingest is slow',
    decide: ({ report }) =>
      report?.congestion === undefined || report.congestion.message === ''
        ? undefined
        : conditionTrue('IngestCongested', report.congestion.message),
  },
  {
    name: 'on air, transcoding',
    decide: ({ report }) =>
      report?.mode === 'transcode' && report.modeReason !== ''
        ? conditionTrue('Live', `The ingest accepts media. Video is transcoded: ${report.modeReason}`)
        : undefined,
  },
  { name: 'on air', decide: () => conditionTrue('Live', 'The ingest accepts media.') },
];
