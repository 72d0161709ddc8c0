import type { Operation } from '../services/permissions.ts';

/** The operations that tickets may allow, by operationId. */
export const ticketOperations: ReadonlyMap<string, Operation> = new Map([
  ['getPlayback', 'playback'],
  ['channelEvents', 'events'],
  ['getChannel', 'channel'],
  ['sendFeedback', 'feedback'],
  ['reportQoe', 'reportQoe'],
  ['getQoe', 'qoe'],
  ['getRelay', 'relay'],
  ['getMetrics', 'metrics'],
  ['getDeliveryOptions', 'deliveryOptions'],
  ['changeChannel', 'changeChannel'],
  ['startRelay', 'startRelay'],
  ['stopRelay', 'stopRelay'],
]);
