import { findCondition, type Condition } from '../../api/conditions.ts';
import type { LiveChannelConditionType, LiveChannelStatus } from '../../api/live-channel.ts';
import { isReason, reasons, type Reason } from '../../api/reasons.ts';

/** An event to emit on the channel. */
export interface ChannelEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: Reason;
  readonly message: string;
}

/**
 * The events for a change of the status: for each new reason of Ready, for a held frame or a resource shortage while on
 * air, for the fallback to Agora, and for the budget.
 */
export function eventsFor(
  before: LiveChannelStatus | undefined,
  after: LiveChannelStatus,
): readonly ChannelEvent[] {
  return [
    ...ofReady(before, after),
    ...ofRelay(before, after),
    ...ofFallback(before, after),
    ...ofBudget(before, after),
  ];
}

function ofReady(before: LiveChannelStatus | undefined, after: LiveChannelStatus): readonly ChannelEvent[] {
  const ready = condition(after, 'Ready');
  const old = condition(before, 'Ready');
  const { reason, message } = ready ?? {};
  if (!isReason(reason) || !reasons[reason].event) return [];
  // Ready concerns only whether media arrives. Which video viewers see is reported with RelayReady.
  if (old?.reason === reason && (old.message === message || reason === 'Live')) return [];
  return [
    {
      type: reasons[reason].severity === 'normal' ? 'Normal' : 'Warning',
      reason,
      message: message === undefined || message === '' ? reason : message,
    },
  ];
}

/** Changes of RelayReady while on air. */
function ofRelay(before: LiveChannelStatus | undefined, after: LiveChannelStatus): readonly ChannelEvent[] {
  const [old, relay] = [condition(before, 'RelayReady'), condition(after, 'RelayReady')];
  const wasOnAir = old?.status === 'True' && relay?.status === 'True';
  if (relay?.status !== 'True') return [];
  const congested = relay.reason === ('IngestCongested' satisfies Reason);
  // Each step has its message, so a further step down is an event, too.
  if (old?.reason === relay.reason && (!congested || old.message === relay.message)) return [];
  if (congested) return [{ type: 'Warning', reason: 'IngestCongested', message: relay.message }];
  if (
    wasOnAir &&
    old.reason === ('IngestCongested' satisfies Reason) &&
    relay.reason === ('Live' satisfies Reason)
  )
    return [
      { type: 'Normal', reason: 'Live', message: 'The ingest is no longer congested: full quality again.' },
    ];
  if (relay.reason === ('LastFrameHeld' satisfies Reason))
    return [{ type: 'Normal', reason: 'LastFrameHeld', message: relay.message }];
  if (
    relay.reason === ('CPUThrottled' satisfies Reason) ||
    relay.reason === ('MemoryPressure' satisfies Reason)
  )
    return isReason(relay.reason) ? [{ type: 'Warning', reason: relay.reason, message: relay.message }] : [];
  return wasOnAir && old.reason === ('LastFrameHeld' satisfies Reason)
    ? [{ type: 'Normal', reason: 'HostPublishing', message: "The host's video is on air again." }]
    : [];
}

/** The fallback to Agora. The event for a migration to another platform is emitted by its step. */
function ofFallback(
  before: LiveChannelStatus | undefined,
  after: LiveChannelStatus,
): readonly ChannelEvent[] {
  const [was, is] = [onAgora(before), onAgora(after)];
  const { message = '' } = condition(after, 'FallbackActive') ?? {};
  if (is && !was) return [{ type: 'Warning', reason: 'FallbackAgora', message }];
  return was && !is
    ? [{ type: 'Normal', reason: 'NotInUse', message: 'The fallback to Agora has ended.' }]
    : [];
}

/** Crossed thresholds of the budget. No event is emitted when the costs are merely known again. */
function ofBudget(before: LiveChannelStatus | undefined, after: LiveChannelStatus): readonly ChannelEvent[] {
  const [old, budget] = [condition(before, 'WithinBudget'), condition(after, 'WithinBudget')];
  const { reason, message = '' } = budget ?? {};
  if (!isReason(reason) || old?.reason === reason) return [];
  if (budget?.status === 'False') return [{ type: 'Warning', reason, message }];
  const isRelevant = reason === 'BudgetUnknown' || (reason === 'WithinBudget' && old?.status === 'False');
  return isRelevant ? [{ type: 'Normal', reason, message }] : [];
}

function onAgora(status: LiveChannelStatus | undefined): boolean {
  const fallback = condition(status, 'FallbackActive');
  return fallback?.status === 'True' && fallback.reason === ('FallbackAgora' satisfies Reason);
}

const condition = (
  status: LiveChannelStatus | undefined,
  type: LiveChannelConditionType,
): Condition | undefined => findCondition(status?.conditions, type);
