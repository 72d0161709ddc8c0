import type { LiveChannelStatus } from '../api/live-channel.ts';
import { isReason, type Reason } from '../api/reasons.ts';
import { isPatient } from './pod-problem.ts';

export interface Announcement {
  readonly type: 'Normal' | 'Warning';
  readonly reason: Reason;
  readonly message: string;
}

/** Reasons that acting announces already, or that are no news. */
const silent: ReadonlySet<Reason> = new Set(['RelayStarting', 'Suspended', 'Deleting', 'RelayReplaced']);
const calm: ReadonlySet<Reason> = new Set(['AgoraOnly', 'RelayStopped']);

/** What the change from one status to the next is worth saying: one event for each new reason of Ready. */
export function announcements(
  before: LiveChannelStatus | undefined,
  after: LiveChannelStatus,
): readonly Announcement[] {
  const ready = condition(after, 'Ready');
  const old = condition(before, 'Ready');
  const { reason, message } = ready ?? {};
  if (!isReason(reason) || silent.has(reason)) return [];
  if (old?.reason === reason && old.message === message) return [];
  const normal = isPatient(reason) || calm.has(reason);
  return [
    {
      type: normal ? 'Normal' : 'Warning',
      reason,
      message: message === undefined || message === '' ? reason : message,
    },
  ];
}

function condition(
  status: LiveChannelStatus | undefined,
  type: string,
): { status: string; reason: string; message: string } | undefined {
  return status?.conditions?.find((each) => each.type === type);
}
