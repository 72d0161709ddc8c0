import Fastify, { LogController } from 'fastify';
import type { FastifyBaseLogger, FastifyError, FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { z } from 'zod';
import {
  originPlaybackGrantSchema,
  originStreamIdSchema,
  originStreamSpecSchema,
} from '../api/origin-contract.ts';
import type { SecretText } from '../base/secret-text.ts';
import { carriesToken } from './bearer.ts';
import { OriginProblem } from './errors.ts';
import type { Streams } from './streams.ts';

/** What the control service needs. */
export interface ControlServiceOptions {
  readonly streams: Streams;
  readonly metrics: Registry;
  /** Read for each request, so that a change of the file applies at once. */
  readonly token: () => Promise<SecretText>;
  /** Throws when the origin cannot serve. */
  readonly ready: () => Promise<void>;
  readonly log: Logger;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
}

/** The API that the operator uses (src/api/origin-contract.ts), and the probes. */
export function controlService(options: ControlServiceOptions): FastifyInstance {
  const { streams, metrics, log } = options;
  const loggerInstance: FastifyBaseLogger = log;
  const common = {
    bodyLimit: 16 * 1024,
    logController: new LogController({ disableRequestLogging: true }),
    loggerInstance,
  };
  const app = Fastify({ ...common, https: options.tls ?? null });

  // Many clients send a content type with an empty body, e.g. with DELETE.
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? undefined : JSON.parse(body.toString()));
    } catch {
      done(new OriginProblem('InvalidRequest', 'The body is not JSON.'));
    }
  });
  app.setErrorHandler((error: FastifyError | OriginProblem, _request, reply) => {
    const problem = asProblem(error);
    if (problem.code === 'Internal') log.error({ err: error }, 'request failed');
    return reply.code(problem.status).send(problem.body);
  });
  app.setNotFoundHandler((request) => {
    throw new OriginProblem('UnknownRoute', `${request.method} ${request.url} does not exist.`);
  });

  app.get('/livez', () => ({ status: 'ok' }));
  app.get('/readyz', async () => {
    await options.ready();
    return { status: 'ok' };
  });
  app.get('/metrics', async (_request, reply) => {
    return reply.type(metrics.contentType).send(await metrics.metrics());
  });

  app.register(
    (v1, _options, done) => {
      v1.addHook('onRequest', async (request) => {
        if (!carriesToken(request.headers.authorization, await options.token())) {
          throw new OriginProblem('Unauthorized', 'The header "Authorization: Bearer <token>" is required.');
        }
      });
      v1.get('/streams', () => ({ streams: streams.list() }));
      v1.get('/streams/:id', (request) => streams.get(idOf(request.params)));
      v1.put('/streams/:id', (request) => {
        return streams.put(idOf(request.params), valid(originStreamSpecSchema, request.body ?? {}, 'body'));
      });
      v1.post('/streams/:id/playback-grants', (request) => {
        const grant = valid(originPlaybackGrantSchema, request.body ?? {}, 'body');
        return { playbackUrl: streams.grantPlayback(idOf(request.params), grant) };
      });
      v1.delete('/streams/:id', async (request, reply) => {
        await streams.delete(idOf(request.params));
        return reply.code(204).send();
      });
      done();
    },
    { prefix: '/v1' },
  );
  return app;
}

function idOf(params: unknown): string {
  return valid(z.object({ id: originStreamIdSchema }), params, 'address').id;
}

function valid<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `${[where, ...path].join('.')}: ${message}`,
  );
  throw new OriginProblem('InvalidRequest', problems.join('; '));
}

function asProblem(error: FastifyError | OriginProblem): OriginProblem {
  if (error instanceof OriginProblem) return error;
  switch (error.statusCode) {
    case 413:
      return new OriginProblem('BodyTooLarge', 'The body exceeds 16 KiB.');
    case 415:
      return new OriginProblem('UnsupportedMediaType', 'The body must be application/json.');
    case 400:
      return new OriginProblem('InvalidRequest', error.message);
    default:
      return new OriginProblem('Internal', 'The origin failed. Its log contains the cause.', {
        cause: error,
      });
  }
}
