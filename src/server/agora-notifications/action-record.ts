import type { ChannelId } from '../../api/channel-id.ts';
import type { Clock } from '../../base/clock.ts';
import type { AuditLog } from '../services/audit-log.ts';
import type { ApiMetrics } from '../services/metrics.ts';
import type { HostAction } from './host-actions.ts';

/** Where actions are recorded. */
export interface ActionRecords {
  readonly audit: Pick<AuditLog, 'add'>;
  readonly metrics: Pick<ApiMetrics, 'notificationActions'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** What was done because of a host, and its outcome: ok, or the code of the problem. */
export interface ActionRecord {
  readonly action: HostAction['do'];
  readonly namespace: string;
  readonly channelId: ChannelId;
  readonly outcome: string;
  readonly requestId: string;
  readonly detail: { readonly agoraChannel: string; readonly hostUids: readonly number[] };
}

/** Counts the action, and adds it to the audit log under the subject agora-notification. */
export function recordAction({ audit, metrics, clock }: ActionRecords, record: ActionRecord): void {
  const { action, ...entry } = record;
  metrics.notificationActions.inc({ action, outcome: entry.outcome });
  audit.add({
    at: clock.now(),
    subject: 'agora-notification',
    action: action === 'create' ? 'createChannel' : 'startRelay',
    ...entry,
  });
}
