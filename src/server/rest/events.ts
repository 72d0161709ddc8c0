import type { FastifyReply, FastifyRequest } from 'fastify';
import { once } from 'node:events';
import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import { serverEventSchema, type ServerEvent } from '../contract/events.ts';
import { HEARTBEAT_MS, type EventStreams } from '../event-streams.ts';
import { isProblem } from '../problems.ts';
import type { Services } from '../service.ts';
import { ofOneChannel, problemAnswers } from './answers.ts';
import { about, channelParams, type TypedApp } from './routes.ts';

/** Reconnection delay that is sent to clients. */
const RETRY_MS = 2_000;

const headers = z.object({
  'last-event-id': z.string().max(256).optional().describe('Resumes after this event.'),
});
const response = {
  200: {
    description:
      'Server-sent events: `id`, `event` (the type), `data` (this schema as JSON). The stream ends every 12 to 15 minutes; reconnect with Last-Event-ID, as EventSource does.',
    content: { 'text/event-stream': { schema: serverEventSchema } },
  },
};

/** Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export function eventRoutes(
  app: TypedApp,
  services: Services,
  streams: EventStreams,
  clock: Pick<Clock, 'schedule'>,
): void {
  const serve = async (
    request: FastifyRequest,
    reply: FastifyReply,
    id: string | undefined,
  ): Promise<void> => {
    // Throws before the response starts, so that an error has its own status.
    const events = services.events(request.call, id, lastEventIdOf(request))[Symbol.asyncIterator]();
    streams.add(request.call, reply.raw);
    reply.hijack();
    try {
      await send(reply, events, request.call.signal, clock);
    } finally {
      await events.return?.();
      reply.raw.end();
    }
  };

  app.route({
    method: 'GET',
    url: '/v1/channels/:id/events',
    config: { endless: true },
    schema: {
      ...about(
        'events',
        'channelEvents',
        'playback',
        'Subscribe to the events of a channel',
        'Begins with a snapshot.',
      ),
      params: channelParams,
      headers,
      response: { ...response, ...problemAnswers(...ofOneChannel, 'too-many-subscribers', 'shutting-down') },
    },
    handler: async (request, reply) => serve(request, reply, request.params.id),
  });
  app.route({
    method: 'GET',
    url: '/v1/events',
    config: { endless: true },
    schema: {
      ...about(
        'events',
        'allEvents',
        'operate',
        'Subscribe to the events of all channels',
        'Begins with a snapshot of each.',
      ),
      headers,
      response: { ...response, ...problemAnswers('too-many-subscribers', 'shutting-down') },
    },
    handler: async (request, reply) => serve(request, reply, undefined),
  });
}

async function send(
  reply: FastifyReply,
  events: AsyncIterator<ServerEvent>,
  signal: AbortSignal,
  clock: Pick<Clock, 'schedule'>,
): Promise<void> {
  const { raw } = reply;
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // Without it, nginx would buffer events.
    'x-accel-buffering': 'no',
  });
  raw.write(`retry: ${RETRY_MS}\n\n`);
  let stopHeart = clock.schedule(HEARTBEAT_MS, beat);
  function beat(): void {
    raw.write(': still here\n\n');
    stopHeart = clock.schedule(HEARTBEAT_MS, beat);
  }
  try {
    for (let next = await events.next(); next.done !== true; next = await events.next()) {
      if (!raw.write(textOf(next.value))) await once(raw, 'drain', { signal });
    }
  } catch (error) {
    // The subscriber left or was too slow: it reconnects with the id of its last event.
    if (!signal.aborted && !isProblem(error)) throw error;
  } finally {
    stopHeart();
  }
}

function lastEventIdOf({ headers: given }: FastifyRequest): string | undefined {
  const id = given['last-event-id'];
  return typeof id === 'string' ? id : undefined;
}

/** An event is sent to many subscribers but serialized only once. */
const texts = new WeakMap<ServerEvent, string>();

function textOf(event: ServerEvent): string {
  const known = texts.get(event);
  if (known !== undefined) return known;
  const text = `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  texts.set(event, text);
  return text;
}
