import type { LiveChannel, LiveChannelStatus } from '../../api/live-channel.ts';
import { budgetAction, budgetProblem } from './budget.ts';
import { modeDecision } from '../../api/annotations/cost-decisions.ts';
import { annotations } from '../../api/names.ts';
import type { StreamState, Problem } from '../state.ts';
import { activeRecord, type IdleRecord } from '../../api/annotations/stream-records.ts';
import type { Policy } from '../timing.ts';
import { STABLE_AFTER_MS } from '../timing.ts';

type EffectiveStreamMode = NonNullable<LiveChannelStatus['effectiveStreamMode']>;

/** Viewers should be on Agora alone: to save costs, or because the app or an operator decided so. The stream is kept, because it costs nothing without a push. */
export interface AgoraOnlyDecision {
  /** When the decision takes effect. The app is notified before. */
  readonly from: Date;
  readonly why: Problem;
}

/** The decision that is in effect or due, if any. */
export function agoraOnlyDecision(channel: LiveChannel): AgoraOnlyDecision | undefined {
  // The override and a decision of the budget take effect at once, without notice to the app. HLS goes on for drainMs.
  if (isOverridden(channel)) return { from: new Date(0), why: overridden };
  if (budgetAction(channel) === 'agora-only') return { from: new Date(0), why: budgetProblem(channel) };
  const choice = channel.spec.streamMode === 'auto' ? modeDecision(channel) : undefined;
  if (choice?.mode !== 'agora-only') return undefined;
  return { from: new Date(choice.at), why: { reason: 'CheaperOnAgora', message: choice.message } };
}

/** The mode of the spec. With auto, viewers use both until it is decided otherwise. */
export function configuredMode({ spec: { streamMode } }: LiveChannel): EffectiveStreamMode {
  return streamMode === 'auto' ? 'hybrid' : streamMode;
}

/**
 * The mode that viewers should use now. They are sent to Agora when the decision takes effect, while the relay is still
 * on air. They are sent back once the stream has been on air for STABLE_AFTER_MS, so that it has media: after a decision,
 * and after a change of the spec.
 */
export function effectiveMode(
  channel: LiveChannel,
  onAirSince: Date | undefined,
  now: Date,
): EffectiveStreamMode {
  const decision = agoraOnlyDecision(channel);
  const onAgora = isSentToAgora(channel);
  if (decision !== undefined && (onAgora || now >= decision.from)) return 'agora-only';
  const isStable = onAirSince !== undefined && now.getTime() - onAirSince.getTime() >= STABLE_AFTER_MS;
  return onAgora && !isStable ? 'agora-only' : configuredMode(channel);
}

/** Whether viewers are sent to Agora by annotation, whatever the spec says. */
export function isOverridden({ metadata }: Pick<LiveChannel, 'metadata'>): boolean {
  return metadata.annotations?.[annotations.modeOverride] === 'agora-only';
}

const overridden: Problem = {
  reason: 'ModeOverridden',
  message: `Annotation ${annotations.modeOverride} sends viewers to Agora. Remove it to return to spec.streamMode.`,
};

/** The reason for the effective mode, as a message; undefined where the spec sets the mode. */
export function modeReason(channel: LiveChannel): string | undefined {
  if (isOverridden(channel) && channel.spec.streamMode !== 'agora-only') return overridden.message;
  const action = budgetAction(channel);
  if (action === 'agora-only' || action === 'stop') return budgetProblem(channel).message;
  if (channel.spec.streamMode !== 'auto') return undefined;
  return (
    modeDecision(channel)?.message ??
    'No change has been decided: viewers use both. Decisions require a database (DATABASE_URL) and viewer counts.'
  );
}

/**
 * The desired idle record while viewers are on Agora alone; `unchanged` when it needs no change. A running relay
 * continues for `drainMs`, so that viewers have time to leave. The time counts from when the status shows the new mode.
 */
export function idleForAgora(
  channel: LiveChannel,
  stream: StreamState,
  { drainMs }: Policy,
  now: Date,
): IdleRecord | 'unchanged' {
  const decision = agoraOnlyDecision(channel);
  const { idle } = stream.record;
  if (decision === undefined) return 'unchanged';
  if (idle?.why === 'agora') {
    const { drainUntil, ...drained } = idle;
    return drainUntil !== undefined && now >= new Date(drainUntil) ? drained : 'unchanged';
  }
  if (now < decision.from) return 'unchanged';
  const begun: IdleRecord = { since: now.toISOString(), why: 'agora' };
  // Without a pod there are no viewers on HLS to wait for.
  if (stream.pod === undefined && stream.standby?.pod === undefined) return begun;
  if (!isSentToAgora(channel)) return 'unchanged';
  return { ...begun, drainUntil: new Date(now.getTime() + drainMs).toISOString() };
}

/** Why the relay does not run because of costs; undefined where costs are not the reason. */
export function offForCosts(channel: LiveChannel): Problem | undefined {
  if (budgetAction(channel) === 'stop') return budgetProblem(channel);
  const idle = activeRecord(channel)?.idle;
  return idle?.why === 'agora' && idle.drainUntil === undefined ? agoraOnlyDecision(channel)?.why : undefined;
}

/** When the next change of the mode is due; undefined when none is. `required`: the spec requires a relay. */
export function nextModeChange(channel: LiveChannel, required: boolean, now: Date): Date | undefined {
  const decision = agoraOnlyDecision(channel);
  if (decision !== undefined) {
    if (now < decision.from) return decision.from;
    const active = activeRecord(channel);
    if (!required || active === undefined) return undefined;
    if (active.idle?.why !== 'agora') return now; // the status shows the mode; the next reconcile acts on it
    const { drainUntil } = active.idle;
    return drainUntil === undefined ? undefined : new Date(drainUntil);
  }
  const { relayStartedAt } = channel.status ?? {};
  if (!isSentToAgora(channel) || relayStartedAt === undefined) return undefined;
  const back = new Date(Date.parse(relayStartedAt) + STABLE_AFTER_MS);
  return back > now ? back : undefined;
}

const isSentToAgora = ({ status }: LiveChannel): boolean => status?.effectiveStreamMode === 'agora-only';
