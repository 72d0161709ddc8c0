import { fastifyRequestHandler, type CreateFastifyContextOptions } from '@trpc/server/adapters/fastify';
import type { FastifyInstance } from 'fastify';
import { systemClock, type Clock } from '../../base/clock.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import { streamMs } from '../event-streams.ts';
import { codedBody, isCoded } from '../rest/body-coding.ts';
// For the types of request.call and of a route's config.
import type {} from '../rest/fastify-types.ts';
import type { Services } from '../service.ts';
import { requireScope } from '../services/permissions.ts';
import type { TrpcContext } from './context.ts';
import { problemOf } from './errors.ts';
import { failureOf } from './failure.ts';
import { OpenCalls } from './open-calls.ts';
import { appRouter } from './router.ts';

/** Calls in one batch; the client of src/client sends no more. */
export const MOST_IN_A_BATCH = 20;

export interface TrpcOptions {
  readonly services: Services;
  readonly authenticate: Authenticate;
  /** Queries and mutations that take longer are answered GATEWAY_TIMEOUT. Default: 30 s. Subscriptions are not meant. */
  readonly requestMs?: number | undefined;
  readonly clock?: Pick<Clock, 'schedule'> | undefined;
  /** From 0 to 1: when a subscription ends. Default: Math.random. */
  readonly random?: (() => number) | undefined;
  /** Whether anybody may call the procedures that are marked as public. Default: false. */
  readonly publicPlayback?: boolean | undefined;
}

/**
 * tRPC under /trpc. When the server closes, subscriptions end, and their clients resume elsewhere.
 *
 * @example
 * await registerTrpc(app, { services, authenticate });
 */
export async function registerTrpc(app: FastifyInstance, options: TrpcOptions): Promise<void> {
  const {
    services,
    authenticate,
    requestMs = 30_000,
    publicPlayback = false,
    random = Math.random,
  } = options;
  const calls = new OpenCalls(options.clock ?? systemClock);
  app.addHook('preClose', async () => {
    calls.closeAll();
  });

  const createContext = async ({ req, info }: CreateFastifyContextOptions): Promise<TrpcContext> => {
    calls.limit(req.call.signal, info.type === 'subscription' ? streamMs(random) : requestMs);
    return { services, call: req.call, publicPlayback };
  };

  await app.register(async (scope) => {
    // Whatever fails before tRPC is asked: credentials, limits, a body that is too large.
    scope.setErrorHandler(async (error, request, reply) => {
      const { problem, body } = failureOf(error);
      if (problem.code === 'internal')
        request.log.error({ err: error, requestId: request.id }, 'a tRPC call failed');
      return reply.code(problem.status).headers(problem.headers).send(body);
    });
    scope.addHook('onRequest', async (request, reply) => {
      const signal = calls.signalFor(reply.raw);
      const { authorization } = request.headers;
      const caller = await authenticate({ authorization }, { signal }, request.ip);
      request.call = { caller, requestId: request.id, signal };
      if (!isCoded(request.headers)) return;
      if (!publicPlayback) requireScope(caller, 'playback');
      throw codedBody();
    });
    // tRPC reads the text by itself, and says what is wrong with it in its own way.
    scope.removeContentTypeParser('application/json');
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
      done(null, body);
    });
    // Not tRPC's own plugin: the paths of a batch are longer than Fastify lets a parameter be.
    scope.route<{ Params: { '*': string } }>({
      method: ['GET', 'POST'],
      url: '/trpc/*',
      // open: who asks was found out above, in a way that tRPC's clients can read.
      config: { open: true },
      schema: { hide: true },
      handler: async (request, reply) => {
        await fastifyRequestHandler({
          router: appRouter,
          req: request,
          res: reply,
          path: request.params['*'],
          createContext,
          maxBatchSize: MOST_IN_A_BATCH,
          // Where calls of a batch fail, those of the first: they are mostly of use where all fail alike.
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
