import type { Operation } from '../services/permissions.ts';

/** The operations that tickets may allow, by operationId. */
export const ticketOperations: ReadonlyMap<string, Operation> = new Map([
  ['getPlayback', 'playback'],
  ['channelEvents', 'events'],
  ['getChannel', 'channel'],
  ['sendFeedback', 'feedback'],
  ['getRelay', 'relay'],
  ['getMetrics', 'metrics'],
  ['changeChannel', 'changeChannel'],
  ['startRelay', 'startRelay'],
  ['stopRelay', 'stopRelay'],
]);
