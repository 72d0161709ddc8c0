import type { Condition } from '../../api/metadata.ts';
import type { LiveChannelConditionType, LiveChannelStatus } from '../../api/live-channel.ts';
import type { RelayStatus } from '../../api/values.ts';
import { isReason, type Reason } from '../../api/reasons.ts';
import type { RelayReport } from '../../api/relay-contract.ts';
import { effectiveMode, modeReason, offForCosts, stableAfterMs } from '../desired/stream-mode.ts';
import { withinBudgetCondition } from '../desired/budget.ts';
import { isStandbyReady } from '../plan/failover.ts';
import { streamOf, type StreamState, type Observed, type Problem, type RelayPodFacts } from '../state.ts';
import { blamesPlatform, outageOf, platformProblem } from './outage.ts';
import { isTransient, podProblem } from '../pod/pod-problem.ts';
import { idleAsConfigured, idleMessage } from '../desired/idle.ts';
import { countRestarts } from './restarts.ts';
import {
  conditionFalseBecause,
  conditionFalse,
  conditionUnknown,
  conditionTrue,
  type ConditionDraft,
} from './condition-draft.ts';
import { desiredResources } from '../desired/resources.ts';

/**
 * The whole status of a channel from what is observed. Nothing in it changes more often than the channel's state
 * does, so that a channel at rest is never written.
 */
export function describeChannel(observed: Observed, replacedBecause: Reason, now: Date): LiveChannelStatus {
  const { channel } = observed;
  const active = streamOf(observed, 'active');
  const { secret, pod } = active ?? {};
  const before = channel.status;
  const want = desiredResources(channel);
  const report = pod?.running === true ? active?.report : undefined;
  const takesOver = want.relay && active !== undefined && isFailingOver(active, before, now);
  const onAir =
    takesOver || (want.relay && (report === undefined ? readyWithoutReport(pod) : report.state === 'live'));

  const stream = streamCondition(observed, active, want.stream);
  const relay = takesOver
    ? conditionTrue('FailedOver', `Pod ${String(pod?.name)} takes over.`)
    : relayCondition(observed, active, report, want.relay, now);
  const ready = readyCondition(observed, active, stream, relay, onAir);
  const fallback = fallbackCondition(observed, active, ready, onAir, now);
  const verdicts: Record<LiveChannelConditionType, ConditionDraft> = {
    Ready: ready,
    StreamReady: stream,
    RelayReady: relay,
    HostPresent: hostCondition(report, want.relay, onAir),
    FallbackActive: fallback,
    WithinBudget: withinBudgetCondition(channel),
  };
  const idle = idleAsConfigured(channel);
  const why = modeReason(channel);
  const generation = channel.metadata.generation ?? 0;
  const ours = secret !== undefined && want.stream ? secret : undefined;
  const restarts = countRestarts(before?.relay, pod, {
    stopped: !want.relay,
    replacedBecause: movedTo(active, before) ? 'Migrated' : replacedBecause,
    now,
  });

  return {
    observedGeneration: generation,
    conditions: Object.entries(verdicts).map(([type, verdict]) =>
      condition(type, verdict, before?.conditions, generation, now),
    ),
    relayStatus: relayStatus(want.relay, ready, relay, onAir),
    effectiveStreamMode:
      fallback.reason === 'FallbackAgora'
        ? 'agora-only'
        : effectiveMode(channel, onAir ? onAirSince(before, report, now) : undefined, now),
    ...(why === undefined ? {} : { modeReason: why }),
    ...(ours === undefined
      ? {}
      : { hlsPlaybackUrl: ours.playbackUrl, streamId: ours.streamId, streamKeyId: ours.streamKeyId }),
    ...(want.stream && active !== undefined ? { streamingPlatform: active.record.platform } : {}),
    ...(onAir ? { relayStartedAt: seconds(onAirSince(before, report, now)) } : {}),
    relay: {
      ...restarts,
      ...(pod === undefined ? {} : { podName: pod.name }),
      ...(pod?.nodeName === undefined ? {} : { nodeName: pod.nodeName }),
      ...(active?.standby?.pod !== undefined && isStandbyReady(active.standby)
        ? { standbyPodName: active.standby.pod.name }
        : {}),
      ...(idle === undefined || onAir ? {} : { idleSince: seconds(new Date(idle.since)) }),
      ...(onAir && report !== undefined ? { mode: report.mode } : {}),
    },
    ...(onAir && report !== undefined ? { health: report.health } : {}),
  };
}

function onAirSince(before: LiveChannelStatus | undefined, report: RelayReport | undefined, now: Date): Date {
  return new Date(before?.relayStartedAt ?? report?.liveSince ?? now);
}

/** The relay of another stream serves now, as a move has it: no relay was lost. */
function movedTo(active: StreamState | undefined, before: LiveChannelStatus | undefined): boolean {
  const { pod, secret, record } = active ?? {};
  const last = before?.relay?.podName;
  if (pod === undefined || last === undefined || last === pod.name) return false;
  return before?.streamId !== secret?.streamId || before?.streamingPlatform !== record?.platform;
}

const failoverGraceMs = 5_000;

/** A hand-over takes a second or two: too little for the app to be told that the channel is off air. */
function isFailingOver(
  { record, pod, report }: StreamState,
  before: LiveChannelStatus | undefined,
  now: Date,
): boolean {
  if (record.failedOverAt === undefined || pod?.running !== true || before?.relayStatus !== 'active')
    return false;
  return report?.state !== 'live' && now.getTime() - Date.parse(record.failedOverAt) < failoverGraceMs;
}

function streamCondition(
  observed: Observed,
  active: StreamState | undefined,
  wantStream: boolean,
): ConditionDraft {
  const failure = observed.failure ?? active?.deferred?.failure;
  if (!wantStream && failure === undefined)
    return conditionFalse('AgoraOnly', 'streamMode agora-only: no stream is kept.');
  if (failure?.part === 'stream') return conditionFalseBecause(failure);
  if (observed.channel.metadata.deletionTimestamp !== undefined) return conditionFalse('Deleting');
  if (active === undefined) {
    if (!observed.desired.ok) return conditionFalseBecause(observed.desired.problem);
    if (observed.desired.value.refused !== undefined)
      return conditionFalseBecause(observed.desired.value.refused);
  } else if (!active.platform.ok) return conditionFalseBecause(active.platform.problem);
  if (active?.secret === undefined)
    return observed.credentials.ok
      ? conditionUnknown('RelayStarting', 'The stream is being made.')
      : conditionUnknown(
          'CredentialsNotFound',
          'Nothing is made on the platform before the Agora credentials are there.',
        );
  if (active.presence === 'gone') return conditionFalse('StreamNotFound');
  return conditionTrue(...activeStreamMessage(observed, active.secret.streamId, active.record.platform));
}

/** What is said of the stream that serves: also that another one is on its way, and what is in the way of that. */
function activeStreamMessage(observed: Observed, id: string, platform: string): [Reason, string] {
  const { desired: target } = observed;
  const here = `Stream ${id} on platform ${platform}`;
  const next = streamOf(observed, 'incoming');
  if (next !== undefined) {
    const problem = next.deferred?.failure ?? (next.platform.ok ? undefined : next.platform.problem);
    const said = problem === undefined ? '' : ` ${problem.message}`;
    return ['Migrating', `${here} serves until a stream on platform ${next.record.platform} plays.${said}`];
  }
  if (target.ok && target.value.platform.name !== platform && target.value.refused !== undefined)
    return ['Migrating', `${here} serves. ${target.value.refused.message}`];
  return ['StreamCreated', `${here}.`];
}

function relayCondition(
  observed: Observed,
  active: StreamState | undefined,
  report: RelayReport | undefined,
  wantRelay: boolean,
  now: Date,
): ConditionDraft {
  const { channel } = observed;
  const pod = active?.pod;
  if (channel.metadata.deletionTimestamp !== undefined) return conditionFalse('Deleting');
  if (channel.spec.suspend) return conditionFalse('Suspended');
  const costs = offForCosts(channel);
  if (costs !== undefined) return conditionFalseBecause(costs);
  const idle = idleAsConfigured(channel);
  if (idle !== undefined && report?.state !== 'live')
    return idle.probingSince === undefined
      ? conditionFalse('Idle', idleMessage(channel, idle))
      : conditionFalse('Resuming', `A relay looks for the host. ${idleMessage(channel, idle)}`);
  if (!wantRelay) return conditionFalse('AgoraOnly');
  const failure = active?.deferred?.failure;
  if (failure?.part === 'relay') return conditionFalseBecause(failure);
  if (pod === undefined)
    return observed.credentials.ok
      ? conditionFalse('RelayStarting')
      : conditionFalseBecause(observed.credentials.problem);
  if (pod.deleting) return conditionFalse('RelayReplaced', `Pod ${pod.name} is going; another one follows.`);
  const problem = podProblem(pod);
  if (problem !== undefined) return conditionFalseBecause(problem);
  if (report === undefined && readyWithoutReport(pod))
    return conditionTrue(
      'Live',
      `Pod ${pod.name} is ready, so media moves; more is not known: it does not answer.`,
    );
  if (report === undefined) return conditionFalse('RelayStarting', `Pod ${pod.name} is starting.`);
  return report.state === 'live' ? liveCondition(report, now) : conditionFalse(report.reason, report.message);
}

const recentErrorWindowMs = 60_000;

/** On air, and what there is to say of it: what stands in for the host, what is short, why pictures are encoded again. */
function liveCondition(report: RelayReport, now: Date): ConditionDraft {
  const { videoOutput: picture, message, healthReason, lastError, mode, modeReason } = report;
  if (picture === 'held') return conditionTrue('LastFrameHeld', message);
  if (healthReason.includes('CPUThrottled' satisfies Reason))
    return conditionTrue('CPUThrottled', healthReason);
  if (
    lastError?.reason === 'MemoryPressure' &&
    now.getTime() - Date.parse(lastError.at) < recentErrorWindowMs
  )
    return conditionTrue('MemoryPressure', lastError.message);
  const why = mode === 'transcode' && modeReason !== '' ? ` Pictures are encoded again: ${modeReason}` : '';
  return conditionTrue('Live', `The ingest accepts media.${why}`);
}

/**
 * A relay is ready only while media moves (its readiness probe). The kubelet sees that also where a network policy or
 * a broken network keeps the operator from asking the relay itself.
 */
function readyWithoutReport(pod: RelayPodFacts | undefined): boolean {
  return pod !== undefined && pod.running && pod.ready && !pod.deleting;
}

function hostCondition(report: RelayReport | undefined, wantRelay: boolean, onAir: boolean): ConditionDraft {
  if (report === undefined && onAir) return conditionTrue('HostPublishing', 'Media moves.');
  if (!wantRelay || report === undefined)
    return conditionUnknown('RelayStopped', 'Nobody is in the Agora channel to look.');
  if (report.host?.video === true)
    return conditionTrue('HostPublishing', `Host ${String(report.host.uid)} publishes video.`);
  // The camera is off and the host goes on talking: present, and nothing that a relay should rest for.
  if (report.host?.audio === true)
    return conditionTrue('HostPublishing', `Host ${String(report.host.uid)} publishes sound alone.`);
  if (report.state === 'starting' || report.state === 'joining')
    return conditionUnknown('RelayStarting', 'Not yet joined.');
  if (report.videoOutput === 'held')
    return conditionFalse(
      'WaitingForHost',
      'No host publishes video in the Agora channel; the last picture is held.',
    );
  return conditionFalse('WaitingForHost', 'No host publishes video in the Agora channel.');
}

function readyCondition(
  observed: Observed,
  active: StreamState | undefined,
  stream: ConditionDraft,
  relay: ConditionDraft,
  onAir: boolean,
): ConditionDraft {
  const failure =
    observed.failure ?? observed.streams.find(({ deferred: held }) => held?.failure)?.deferred?.failure;
  if (observed.channel.metadata.deletionTimestamp !== undefined)
    return failure === undefined ? conditionFalse('Deleting') : conditionFalseBecause(failure);
  const later = pendingProblem(observed, active);
  if (onAir) {
    // Media arrives: that is what Ready means. What will hurt later is named all the same.
    const held = relay.reason === 'LastFrameHeld' ? ` ${relay.message}` : '';
    return later === undefined
      ? conditionTrue('Live', `Media arrives at the platform.${held}`)
      : conditionTrue(later.reason, `Media arrives at the platform, for now. ${later.message}`);
  }
  const costs = offForCosts(observed.channel);
  if (stream.reason === 'AgoraOnly' || relay.reason === 'Suspended' || costs !== undefined)
    return conditionFalse(relay.reason, relay.message);
  const idle = idleAsConfigured(observed.channel);
  if (idle !== undefined) return conditionFalse('Idle', idleMessage(observed.channel, idle));
  if (later !== undefined) return conditionFalseBecause(later);
  if (stream.status === 'False') return conditionFalse(stream.reason, stream.message);
  return conditionFalse(relay.reason, relay.message);
}

function pendingProblem(
  { desired: target, credentials }: Observed,
  active: StreamState | undefined,
): Problem | undefined {
  return [target, ...(active === undefined ? [] : [active.platform]), credentials].flatMap((each) =>
    each.ok ? [] : [each.problem],
  )[0];
}

/**
 * Whether something else stands in. Unknown: there is no working relay and one could be, so the time counts that
 * `spec.fallback.afterSeconds` allows; what is to blame stays as the reason while the relay tries again.
 */
function fallbackCondition(
  observed: Observed,
  active: StreamState | undefined,
  ready: ConditionDraft,
  onAir: boolean,
  now: Date,
): ConditionDraft {
  const { channel } = observed;
  const { fallback, fallbackPlatformRef } = channel.spec;
  const { insteadOf, platform } = active?.record ?? {};
  const toAgora = fallback.mode === 'agora-only';
  const off = conditionFalse('NotInUse');
  if ((!toAgora && fallbackPlatformRef === undefined) || !desiredResources(channel).relay) return off;
  if (channel.metadata.deletionTimestamp !== undefined) return off;
  const standIn =
    insteadOf === undefined
      ? undefined
      : conditionTrue(
          'FallbackPlatform',
          `Platform ${insteadOf} was out: on platform ${String(platform)} until it is back.`,
        );
  const agora = conditionTrue('FallbackAgora', 'No relay works: send viewers to Agora.');
  const before = channel.status?.conditions?.find(({ type }) => type === 'FallbackActive');
  const onAgora = toAgora && before?.status === 'True' && before.reason === agora.reason;
  if (onAir) {
    const since = Date.parse(channel.status?.relayStartedAt ?? now.toISOString());
    return onAgora && now.getTime() - since < stableAfterMs ? agora : (standIn ?? off);
  }
  if (ready.reason === 'WaitingForHost' || ready.reason === 'Idle') return standIn ?? off;
  if (onAgora) return agora;

  const limitMs = fallback.afterSeconds * 1_000;
  if (standIn !== undefined) {
    const old = channel.status?.conditions?.find(({ type }) => type === 'Ready');
    const notReadyMs = old?.status === 'False' ? now.getTime() - Date.parse(old.lastTransitionTime) : 0;
    return toAgora && notReadyMs >= limitMs ? agora : standIn;
  }
  const outage = outageOf(channel);
  // Another platform is the better way, and gets its time first.
  const patienceMs = fallbackPlatformRef === undefined ? limitMs : 2 * limitMs;
  if (toAgora && outage !== undefined && now.getTime() - outage.since.getTime() >= patienceMs) return agora;
  const blamed = platformProblem(observed, active);
  if (blamed !== undefined) return conditionUnknown(blamed.reason, blamed.message);
  if (outage !== undefined && blamesPlatform(outage.reason) && isReason(outage.reason))
    return conditionUnknown(outage.reason, outage.message);
  return conditionUnknown(ready.reason, ready.message);
}

function relayStatus(
  wantRelay: boolean,
  ready: ConditionDraft,
  relay: ConditionDraft,
  onAir: boolean,
): RelayStatus {
  if (!wantRelay) return 'stopped';
  if (onAir) return 'active';
  if (ready.reason === 'Deleting' || ready.reason === 'Idle') return 'stopped';
  if (ready.reason === 'RelayReplaced' || ready.reason === 'PodPending') return 'starting';
  return isTransient(ready.reason) && isTransient(relay.reason) ? 'starting' : 'error';
}

function condition(
  type: string,
  verdict: ConditionDraft,
  before: readonly Condition[] | undefined,
  observedGeneration: number,
  now: Date,
): Condition {
  const old = before?.find((each) => each.type === type);
  return {
    type,
    ...verdict,
    observedGeneration,
    lastTransitionTime: old?.status === verdict.status ? old.lastTransitionTime : seconds(now),
  };
}

/** metav1.Time: RFC 3339 without fractions of a second. */
const seconds = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;
