import type { LiveChannel, LiveChannelStatus } from '../../api/live-channel.ts';
import { budgetAction, budgetProblem } from './budget.ts';
import { modeDecision } from '../../api/annotations/cost-decisions.ts';
import type { StreamState, Problem } from '../state.ts';
import { activeRecord, type IdleRecord } from '../../api/annotations/stream-records.ts';
import type { Policy } from '../timing.ts';
import { STABLE_AFTER_MS } from '../timing.ts';

type EffectiveStreamMode = NonNullable<LiveChannelStatus['effectiveStreamMode']>;

/** Viewers should be on Agora alone, to save costs. The stream is kept: without a push it costs nothing. */
export interface AgoraOnlyDecision {
  /** When it takes effect; the app is notified before. */
  readonly from: Date;
  readonly why: Problem;
}

export function agoraOnlyDecision(channel: LiveChannel): AgoraOnlyDecision | undefined {
  // The budget is stricter than what is cheaper: it does not wait for the app.
  if (budgetAction(channel) === 'agora-only') return { from: new Date(0), why: budgetProblem(channel) };
  const choice = channel.spec.streamMode === 'auto' ? modeDecision(channel) : undefined;
  if (choice?.mode !== 'agora-only') return undefined;
  return { from: new Date(choice.at), why: { reason: 'CheaperOnAgora', message: choice.message } };
}

/**
 * Where viewers should be now. They are sent to Agora as soon as that is decided, with the relay still on air, and
 * back once the stream has been on air for a while: viewers are never sent to a stream without media.
 */
export function effectiveMode(
  channel: LiveChannel,
  onAirSince: Date | undefined,
  now: Date,
): EffectiveStreamMode {
  const { streamMode, budget } = channel.spec;
  const mode = streamMode === 'auto' ? 'hybrid' : streamMode;
  const decision = agoraOnlyDecision(channel);
  const onAgora = isSentToAgora(channel);
  if (decision !== undefined && (onAgora || now >= decision.from)) return 'agora-only';
  const isStable = onAirSince !== undefined && now.getTime() - onAirSince.getTime() >= STABLE_AFTER_MS;
  const byCost = streamMode === 'auto' || budget !== undefined;
  return byCost && onAgora && !isStable ? 'agora-only' : mode;
}

/** Why the mode is what it is, as a message; undefined where the spec sets it. */
export function modeReason(channel: LiveChannel): string | undefined {
  const action = budgetAction(channel);
  if (action === 'agora-only' || action === 'stop') return budgetProblem(channel).message;
  if (channel.spec.streamMode !== 'auto') return undefined;
  return (
    modeDecision(channel)?.message ??
    'No decision yet: viewers use both. The operator decides only with a database (DATABASE_URL).'
  );
}

/**
 * The idle record while viewers are on Agora alone; `unchanged` when it is as it should be. A relay that runs keeps
 * running for as long as viewers need to follow the status: the time counts from when the status was seen to say so.
 */
export function idleForAgora(
  channel: LiveChannel,
  stream: StreamState,
  { drainMs }: Policy,
  now: Date,
): IdleRecord | 'unchanged' {
  const decision = agoraOnlyDecision(channel);
  const { idle: idle } = stream.record;
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

/** Why costs keep the relay from running; undefined where they do not. */
export function offForCosts(channel: LiveChannel): Problem | undefined {
  if (budgetAction(channel) === 'stop') return budgetProblem(channel);
  const idle = activeRecord(channel)?.idle;
  return idle?.why === 'agora' && idle.drainUntil === undefined ? agoraOnlyDecision(channel)?.why : undefined;
}

/** When the next change of the mode is due; undefined when none is. `asked`: the spec requires a relay at all. */
export function nextModeChange(channel: LiveChannel, asked: boolean, now: Date): Date | undefined {
  const decision = agoraOnlyDecision(channel);
  if (decision !== undefined) {
    if (now < decision.from) return decision.from;
    const active = activeRecord(channel);
    if (!asked || active === undefined) return undefined;
    if (active.idle?.why !== 'agora') return now; // the status has it now; the next reconcile acts on it
    const { drainUntil } = active.idle;
    return drainUntil === undefined ? undefined : new Date(drainUntil);
  }
  const { relayStartedAt } = channel.status ?? {};
  if (!isSentToAgora(channel) || relayStartedAt === undefined) return undefined;
  const back = new Date(Date.parse(relayStartedAt) + STABLE_AFTER_MS);
  return back > now ? back : undefined;
}

const isSentToAgora = ({ status }: LiveChannel): boolean => status?.effectiveStreamMode === 'agora-only';
