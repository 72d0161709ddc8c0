import { fastifyRequestHandler, type CreateFastifyContextOptions } from '@trpc/server/adapters/fastify';
import type { FastifyInstance } from 'fastify';
import { systemClock, type Clock } from '../../base/clock.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import { crossSiteProblem } from '../auth/sessions/same-origin.ts';
import type { EventStreams } from '../event-streams.ts';
import { HttpCall } from '../http-call.ts';
import { codedBody, isCoded } from '../rest/body-coding.ts';
// For the types of request.call and of a route's config.
import type {} from '../rest/fastify-types.ts';
import type { Services } from '../service.ts';
import { requireScope } from '../services/permissions.ts';
import type { TrpcContext } from './context.ts';
import { asTrpcError, problemOf } from './errors.ts';
import { failureOf } from './failure.ts';
import { appRouter } from './router.ts';

/** Maximum number of calls in one batch; the client in src/client sends no more. */
export const MAX_BATCH_CALLS = 20;

export interface TrpcOptions {
  readonly services: Services;
  readonly authenticate: Authenticate;
  /** Timeout of queries and mutations, which then fail with GATEWAY_TIMEOUT; not of subscriptions. Default: 30 s. */
  readonly requestMs?: number | undefined;
  readonly clock?: Pick<Clock, 'monotonic' | 'schedule'> | undefined;
  /** Of which subscriptions are part; the caller closes them with the server. */
  readonly streams: EventStreams;
  /** Whether public procedures require no credentials. Default: false. */
  readonly publicPlayback?: boolean | undefined;
}

/**
 * Registers tRPC under /trpc.
 *
 * @example
 * await registerTrpc(app, { services, authenticate, streams });
 */
export async function registerTrpc(app: FastifyInstance, options: TrpcOptions): Promise<void> {
  const {
    services,
    authenticate,
    streams,
    requestMs = 30_000,
    publicPlayback = false,
    clock = systemClock,
  } = options;

  const openStream = (...given: Parameters<EventStreams['add']>): void => {
    try {
      streams.add(...given);
    } catch (error) {
      throw asTrpcError(error);
    }
  };
  const createContext = async ({ req, res, info }: CreateFastifyContextOptions): Promise<TrpcContext> => {
    if (info.type === 'subscription') openStream(req.call, res.raw);
    else req.call.limit(requestMs);
    const { caller, requestId, signal, address } = req.call;
    return { services, call: { caller, requestId, signal, address }, publicPlayback };
  };

  await app.register(async (scope) => {
    // For errors before tRPC handles the request: credentials, rate limits, a body that is too large.
    scope.setErrorHandler(async (error, request, reply) => {
      const { problem, body } = failureOf(error);
      if (problem.code === 'internal')
        request.log.error({ err: error, requestId: request.id }, 'a tRPC call failed');
      return reply.code(problem.status).headers(problem.headers).send(body);
    });
    scope.addHook('onRequest', async (request, reply) => {
      const call = new HttpCall(request.id, reply.raw, clock, request.ip);
      request.call = call;
      call.caller = await authenticate(request.headers, call, request.ip);
      const problem = call.caller.session === true ? crossSiteProblem(request) : undefined;
      if (problem !== undefined) throw problem;
      if (!isCoded(request.headers)) return;
      if (!publicPlayback && call.caller.ticket === undefined) requireScope(call.caller, 'playback');
      throw codedBody();
    });
    // tRPC parses the body itself, and reports parse errors in its own format.
    scope.removeContentTypeParser('application/json');
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
      done(null, body);
    });
    // tRPC's own plugin is not used, because the path of a batch is longer than Fastify's limit for parameters.
    scope.route<{ Params: { '*': string } }>({
      method: ['GET', 'POST'],
      url: '/trpc/*',
      // open: the hook above has authenticated the caller, with errors in tRPC's format.
      config: { open: true },
      schema: { hide: true },
      handler: async (request, reply) => {
        await fastifyRequestHandler({
          router: appRouter,
          req: request,
          res: reply,
          path: request.params['*'],
          createContext,
          maxBatchSize: MAX_BATCH_CALLS,
          // A batch has the headers of its first error; they matter mostly if all calls fail for the same reason.
          responseMeta: ({ errors: [first] }) =>
            first === undefined ? {} : { headers: { ...problemOf(first).headers } },
          onError: ({ error, path }) => {
            if (problemOf(error).code === 'internal')
              request.log.error(
                { err: error.cause ?? error, path, requestId: request.id },
                'a tRPC call failed',
              );
          },
        });
      },
    });
  });
}
