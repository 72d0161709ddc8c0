import { tracked, type TrackedEnvelope } from '@trpc/server';
import type { ServerEvent } from '../contract.ts';
import { asTrpcError } from './errors.ts';

/** Events with their ids beside them, by which a client that was away goes on. */
export async function* told(
  events: AsyncIterable<ServerEvent>,
): AsyncGenerator<TrackedEnvelope<ServerEvent>, void, void> {
  try {
    for await (const event of events) yield tracked(event.id, event);
  } catch (error) {
    throw asTrpcError(error);
  }
}
