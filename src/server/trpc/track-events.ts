import { tracked, type TrackedEnvelope } from '@trpc/server';
import type { ChannelEvent, ServerEvent } from '../contract/events.ts';
import { asTrpcError } from './errors.ts';

/**
 * Adds their ids to events, by which a client resumes. When the events end, only this stream has ended (the replica shuts
 * down, or the caller must be authenticated again), and the client must reconnect. tRPC makes it reconnect if an
 * AbortError is thrown; a normal return would end the subscription.
 */
export async function* trackEvents<Event extends ServerEvent>(
  events: AsyncIterable<Event>,
): AsyncGenerator<TrackedEnvelope<Event>, never, void> {
  try {
    for await (const event of events) yield tracked(event.id, event);
  } catch (error) {
    throw asTrpcError(error);
  }
  throw new DOMException('The stream has ended; reconnect', 'AbortError');
}

/** The events of a channel as the client's types have them: the services send no alerts to a channel's subscribers. */
export async function* ofChannel(events: AsyncIterable<ServerEvent>): AsyncGenerator<ChannelEvent> {
  for await (const event of events) if (event.type !== 'alert') yield event;
}
