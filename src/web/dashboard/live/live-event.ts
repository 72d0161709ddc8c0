import { z } from 'zod';
import { eventSchemas } from '../../../api/server-events.ts';

/** More channels than an installation may have. */
const MOST_CHANNELS = 10_000;

const { numbers } = eventSchemas;
const liveEventSchema = z.discriminatedUnion('type', [
  eventSchemas.snapshot,
  eventSchemas.status,
  eventSchemas.mode,
  eventSchemas.ended,
  eventSchemas.alert,
  numbers.extend({ channels: numbers.shape.channels.max(MOST_CHANNELS) }),
]);

/** An event of all channels. */
export type LiveEvent = z.infer<typeof liveEventSchema>;

/** tRPC adds the id beside the event. */
const trackedSchema = z.object({ data: liveEventSchema });

/** The event in what tRPC's client received; undefined if it has no known shape. */
export function parseLiveEvent(received: unknown): LiveEvent | undefined {
  return trackedSchema.safeParse(received).data?.data;
}
