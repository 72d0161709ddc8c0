import type { Caller } from '../service.ts';
import type { Operation } from '../services/permissions.ts';
import { admitted } from '../services/ticket-permissions.ts';

/** The operations that tickets may allow, by procedure. */
const operations: ReadonlyMap<string, Operation> = new Map([
  ['streaming.getPlaybackUrl', 'playback'],
  ['streaming.playback', 'playback'],
  ['events.channel', 'events'],
  ['channels.get', 'channel'],
  ['feedback.send', 'feedback'],
  ['qoe.report', 'reportQoe'],
  ['qoe.lastHour', 'qoe'],
  ['qoe.range', 'qoe'],
  ['relay.status', 'relay'],
  ['streaming.analytics', 'metrics'],
  ['streaming.deliveryOptions', 'deliveryOptions'],
  ['channels.update', 'changeChannel'],
  ['relay.start', 'startRelay'],
  ['relay.stop', 'stopRelay'],
]);

/** The caller of a procedure whose input is not valid, so that its channel is unknown. */
export function callerOf(path: string, caller: Caller): Caller {
  const operation = operations.get(path);
  return operation === undefined ? caller : admitted(caller, operation, caller.ticket?.channelId);
}
