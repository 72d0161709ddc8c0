import { findCondition, setConditions } from '../../api/conditions.ts';
import type { LiveChannelConditionType, LiveChannelStatus } from '../../api/live-channel.ts';
import type { RelayStatus } from '../../api/values.ts';
import type { Reason } from '../../api/reasons.ts';
import type { StreamRecord } from '../../api/stream-records.ts';
import type { RelayReport } from '../../api/relay-contract.ts';
import { toKubeTime } from '../../base/kube-time.ts';
import { effectiveMode, modeReason } from '../desired/stream-mode.ts';
import { isStandbyReady } from '../plan/failover.ts';
import { isTransient } from '../pod/pod-problem.ts';
import { agoraSubject } from '../pod/relay-config.ts';
import type { Observed, RelayPodFacts, StreamState } from '../state.ts';
import { fallbackActiveRules } from './conditions/fallback-active.ts';
import { hostPresentRules } from './conditions/host-present.ts';
import { conditionInput, type ConditionInput } from './conditions/input.ts';
import { readyRules } from './conditions/ready.ts';
import { relayReadyRules } from './conditions/relay-ready.ts';
import { evaluate, type ConditionDraft } from './conditions/rule.ts';
import { streamReadyRules } from './conditions/stream-ready.ts';
import { withinBudgetRules } from './conditions/within-budget.ts';
import { countRestarts } from './restarts.ts';

type ConditionDrafts = Readonly<Record<LiveChannelConditionType, ConditionDraft>>;

/**
 * The status of a channel, from what was observed: all but `streams`, which is written by itself. It contains nothing that
 * changes without a change of the channel's state, so that the status of an unchanged channel is not written.
 * `replacedBecause`: why the last pod was replaced.
 */
export function describeChannel(observed: Observed, replacedBecause: Reason, now: Date): LiveChannelStatus {
  const { channel } = observed;
  const before = channel.status;
  const input = conditionInput(observed, now);
  const { active, pod, report, idle, onAir, desired } = input;
  const drafts = conditionDrafts(input);
  const why = modeReason(channel);
  const observedGeneration = channel.metadata.generation ?? 0;
  const agoraUid = pod === undefined ? undefined : agoraUidOf(observed, pod);
  const restarts = countRestarts(before?.relay, pod, {
    stopped: !desired.relay,
    replacedBecause: hasMigrated(active, before) ? 'Migrated' : replacedBecause,
    now,
  });

  return {
    observedGeneration,
    conditions: conditionsOf(drafts, before, observedGeneration, now),
    relayStatus: relayStatus(input, drafts),
    effectiveStreamMode:
      drafts.FallbackActive.reason === 'FallbackAgora'
        ? 'agora-only'
        : effectiveMode(channel, onAir ? onAirSince(before, report, now) : undefined, now),
    ...(why === undefined ? {} : { modeReason: why }),
    ...(desired.stream ? streamDetails(active?.record, before) : {}),
    ...(desired.stream && active !== undefined ? { streamingPlatform: active.record.platform } : {}),
    ...(onAir ? { relayStartedAt: toKubeTime(onAirSince(before, report, now)) } : {}),
    relay: {
      ...restarts,
      ...(pod === undefined ? {} : { podName: pod.name }),
      ...(pod?.nodeName === undefined ? {} : { nodeName: pod.nodeName }),
      ...(agoraUid === undefined ? {} : { agoraUid }),
      ...(active?.standby?.pod !== undefined && isStandbyReady(active.standby)
        ? { standbyPodName: active.standby.pod.name }
        : {}),
      ...(idle === undefined || onAir ? {} : { idleSince: toKubeTime(new Date(idle.since)) }),
      ...(onAir && report !== undefined ? { mode: report.mode } : {}),
    },
    ...(onAir && report !== undefined ? { health: report.health } : {}),
  };
}

/**
 * What the platform answered about the active stream. After an upgrade, the stream is known before the platform is asked for
 * its details: they stay as they are until then.
 */
function streamDetails(
  record: StreamRecord | undefined,
  before: LiveChannelStatus | undefined,
): Pick<LiveChannelStatus, 'hlsPlaybackUrl' | 'streamId' | 'streamKeyId'> {
  if (record?.id === undefined) return {};
  const { id, provisioned } = record;
  if (provisioned !== undefined)
    return {
      hlsPlaybackUrl: provisioned.playbackUrl,
      streamId: id,
      streamKeyId: provisioned.streamKeyId,
    };
  if (before?.streamId !== id) return { streamId: id };
  const { hlsPlaybackUrl, streamKeyId } = before;
  return {
    ...(hlsPlaybackUrl === undefined ? {} : { hlsPlaybackUrl }),
    streamId: id,
    ...(streamKeyId === undefined ? {} : { streamKeyId }),
  };
}

/** While the credentials cannot be read, the relay stays in the Agora channel as who it joined. */
function agoraUidOf(
  { channel, credentials }: Observed,
  { slot }: Pick<RelayPodFacts, 'slot'>,
): number | undefined {
  return credentials.ok
    ? agoraSubject(channel, slot, credentials.value).uid
    : channel.status?.relay?.agoraUid;
}

/** Evaluates the conditions in the order of their dependencies. The record has the order of the status. */
function conditionDrafts(input: ConditionInput): ConditionDrafts {
  const streamReady = evaluate(streamReadyRules, input).draft;
  const relayReady = evaluate(relayReadyRules, input).draft;
  const ready = evaluate(readyRules, { ...input, streamReady, relayReady }).draft;
  return {
    Ready: ready,
    StreamReady: streamReady,
    RelayReady: relayReady,
    HostPresent: evaluate(hostPresentRules, input).draft,
    FallbackActive: evaluate(fallbackActiveRules, { ...input, ready }).draft,
    WithinBudget: evaluate(withinBudgetRules, input).draft,
  };
}

/** The drafts as metav1.Conditions. lastTransitionTime is kept while the status of a condition stays the same. */
function conditionsOf(
  drafts: ConditionDrafts,
  before: LiveChannelStatus | undefined,
  observedGeneration: number,
  now: Date,
): NonNullable<LiveChannelStatus['conditions']> {
  const conditions = Object.entries(drafts).map(([type, draft]) => ({ type, ...draft, observedGeneration }));
  const list = setConditions(before?.conditions, conditions, now);
  return conditions.flatMap(({ type }) => findCondition(list, type) ?? []);
}

function onAirSince(before: LiveChannelStatus | undefined, report: RelayReport | undefined, now: Date): Date {
  return new Date(before?.relayStartedAt ?? report?.liveSince ?? now);
}

/** The relay of another stream is active because of a migration, so that no relay was lost. */
function hasMigrated(active: StreamState | undefined, before: LiveChannelStatus | undefined): boolean {
  const { pod, record } = active ?? {};
  const last = before?.relay?.podName;
  if (pod === undefined || last === undefined || last === pod.name) return false;
  return before?.streamId !== record?.id || before?.streamingPlatform !== record?.platform;
}

function relayStatus(
  { desired, onAir }: ConditionInput,
  { Ready: ready, RelayReady: relay }: ConditionDrafts,
): RelayStatus {
  if (!desired.relay) return 'stopped';
  if (onAir) return 'active';
  if (ready.reason === 'Deleting' || ready.reason === 'Idle') return 'stopped';
  if (ready.reason === 'RelayReplaced' || ready.reason === 'PodPending') return 'starting';
  return isTransient(ready.reason) && isTransient(relay.reason) ? 'starting' : 'error';
}
