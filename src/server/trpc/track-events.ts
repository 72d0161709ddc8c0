import { tracked, type TrackedEnvelope } from '@trpc/server';
import type { ServerEvent } from '../contract.ts';
import { asTrpcError } from './errors.ts';

/**
 * Events with their ids beside them, by which a client that was away goes on. Where they end, that is the stream's end,
 * not theirs (a replica stops, a token is to be looked at again), and the client must come back: tRPC tells it so where
 * an AbortError is thrown, and to stay away for good where nothing is.
 */
export async function* trackEvents(
  events: AsyncIterable<ServerEvent>,
): AsyncGenerator<TrackedEnvelope<ServerEvent>, never, void> {
  try {
    for await (const event of events) yield tracked(event.id, event);
  } catch (error) {
    throw asTrpcError(error);
  }
  throw new DOMException('The stream ends; come back', 'AbortError');
}
