import { findCondition, type Condition } from '../../api/conditions.ts';
import type { LiveChannelConditionType, LiveChannelStatus } from '../../api/live-channel.ts';
import { isReason, reasons, type Reason } from '../../api/reasons.ts';

export interface ChannelEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: Reason;
  readonly message: string;
}

/**
 * The events for the change from one status to the next: one for each new reason of Ready, for a held frame or a
 * shortage on air, for the fallback to Agora, and for the budget.
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
  // Ready is about media only: what viewers see is reported with RelayReady.
  if (old?.reason === reason && (old.message === message || reason === 'Live')) return [];
  return [
    {
      type: reasons[reason].severity === 'normal' ? 'Normal' : 'Warning',
      reason,
      message: message === undefined || message === '' ? reason : message,
    },
  ];
}

/** Changes while on air. */
function ofRelay(before: LiveChannelStatus | undefined, after: LiveChannelStatus): readonly ChannelEvent[] {
  const [old, relay] = [condition(before, 'RelayReady'), condition(after, 'RelayReady')];
  const wasOnAir = old?.status === 'True' && relay?.status === 'True';
  if (relay?.status !== 'True' || old?.reason === relay.reason) return [];
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

/** Where viewers should go deserves an event. Going to another platform has its own, emitted by the step. */
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

/** An event when a threshold is crossed; none when the spending is merely known again. */
function ofBudget(before: LiveChannelStatus | undefined, after: LiveChannelStatus): readonly ChannelEvent[] {
  const [old, budget] = [condition(before, 'WithinBudget'), condition(after, 'WithinBudget')];
  const { reason, message = '' } = budget ?? {};
  if (!isReason(reason) || old?.reason === reason) return [];
  if (budget?.status === 'False') return [{ type: 'Warning', reason, message }];
  const isNews = reason === 'BudgetUnknown' || (reason === 'WithinBudget' && old?.status === 'False');
  return isNews ? [{ type: 'Normal', reason, message }] : [];
}

function onAgora(status: LiveChannelStatus | undefined): boolean {
  const { status: holds, reason } = condition(status, 'FallbackActive') ?? {};
  return holds === 'True' && reason === ('FallbackAgora' satisfies Reason);
}

const condition = (
  status: LiveChannelStatus | undefined,
  type: LiveChannelConditionType,
): Condition | undefined => findCondition(status?.conditions, type);
