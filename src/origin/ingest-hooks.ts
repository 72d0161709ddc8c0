import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { IngestGate } from './gate/ingest-gate.ts';
import type { Streams } from './streams.ts';

/** Form that the RTMP module posts, with the name that was published and the number of the connection, among others. */
const hookSchema = z.object({
  name: z.string().default(''),
  clientid: z.string(),
  /** Address of the connection, as the gate named it (gate/ingest-gate.ts). */
  addr: z.string().default(''),
  /** Parameter that the publisher appended to its key, as `?priority=N`; see Streams.publish. */
  priority: z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number)
    .optional()
    .catch(undefined),
});

/**
 * Serves nginx's hooks on a separate loopback port: whether a publisher is accepted, and under which name. A redirect
 * to a name that is not a URL renames the stream, so that no name inside nginx contains a key. Source:
 * nginx-rtmp-module, directives on_publish, on_publish_done, on_play.
 */
export function ingestHooks(streams: Streams, gate: Pick<IngestGate, 'admit' | 'dismiss'>): FastifyInstance {
  const app = Fastify({ bodyLimit: 16 * 1024 });
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => {
      // Reversed, so that nginx's own fields override those that the publisher appended.
      const fields = [...new URLSearchParams(body.toString())].reverse();
      done(null, Object.fromEntries(fields));
    },
  );
  app.post('/publish', async (request, reply) => {
    const { name, clientid, addr, priority } = hookSchema.parse(request.body);
    const rtmpName = await streams.publish(name, clientid, priority);
    const admitted =
      rtmpName !== undefined &&
      gate.admit(addr, () => {
        streams.cutOff(rtmpName, 'bitrate');
      });
    return admitted ? reply.redirect(rtmpName, 302) : reply.code(403).send();
  });
  app.post('/publish-done', async (request, reply) => {
    const { clientid, addr } = hookSchema.parse(request.body);
    streams.publishDone(clientid);
    gate.dismiss(addr);
    return reply.code(204).send();
  });
  app.post('/play', async (request, reply) => {
    return reply.code(streams.play(hookSchema.parse(request.body).name) ? 204 : 403).send();
  });
  return app;
}
