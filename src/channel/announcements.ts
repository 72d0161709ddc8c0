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

/** What the change from one status to the next is worth saying: one event for each new reason of Ready, and
 * for the fallback to Agora. */
export function announcements(
  before: LiveChannelStatus | undefined,
  after: LiveChannelStatus,
): readonly Announcement[] {
  return [...ofReady(before, after), ...ofFallback(before, after)];
}

function ofReady(before: LiveChannelStatus | undefined, after: LiveChannelStatus): readonly Announcement[] {
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

/** Where viewers should go is news in itself. Going to another platform is announced by who does it. */
function ofFallback(
  before: LiveChannelStatus | undefined,
  after: LiveChannelStatus,
): readonly Announcement[] {
  const [was, is] = [onAgora(before), onAgora(after)];
  const { message = '' } = condition(after, 'FallbackActive') ?? {};
  if (is && !was) return [{ type: 'Warning', reason: 'FallbackAgora', message }];
  return was && !is
    ? [{ type: 'Normal', reason: 'NotInUse', message: 'The fallback to Agora is over.' }]
    : [];
}

function onAgora(status: LiveChannelStatus | undefined): boolean {
  const { status: holds, reason } = condition(status, 'FallbackActive') ?? {};
  return holds === 'True' && reason === ('FallbackAgora' satisfies Reason);
}

function condition(
  status: LiveChannelStatus | undefined,
  type: string,
): { status: string; reason: string; message: string } | undefined {
  return status?.conditions?.find((each) => each.type === type);
}
