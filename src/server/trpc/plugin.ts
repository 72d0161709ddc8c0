import { fastifyRequestHandler, type CreateFastifyContextOptions } from '@trpc/server/adapters/fastify';
import type { FastifyInstance } from 'fastify';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Services } from '../service.ts';
import type { TrpcContext } from './context.ts';
import { asTrpcError, problemOf } from './errors.ts';
import { OpenCalls } from './open-calls.ts';
import { appRouter } from './router.ts';

/** Calls in one batch; the client of src/client sends no more. */
export const MOST_IN_A_BATCH = 20;

export interface TrpcOptions {
  readonly services: Services;
  readonly authenticate: Authenticate;
  /** Queries and mutations that take longer are answered GATEWAY_TIMEOUT. Default: 30 s. Subscriptions are not meant. */
  readonly requestMs?: number | undefined;
}

/**
 * tRPC under /trpc. When the server closes, subscriptions end, and their clients resume elsewhere.
 *
 * @example
 * await registerTrpc(app, { services, authenticate });
 */
export async function registerTrpc(app: FastifyInstance, options: TrpcOptions): Promise<void> {
  const { services, authenticate, requestMs = 30_000 } = options;
  const calls = new OpenCalls();
  app.addHook('preClose', async () => {
    calls.closeAll();
  });

  async function createContext({ req, res, info }: CreateFastifyContextOptions): Promise<TrpcContext> {
    const signal = calls.signalFor(res.raw, info.type === 'subscription' ? undefined : requestMs);
    try {
      const caller = await authenticate({ authorization: req.headers.authorization }, signal, req.ip);
      return { services, call: { caller, requestId: req.id, signal } };
    } catch (error) {
      throw asTrpcError(error);
    }
  }

  await app.register(async (scope) => {
    // tRPC reads the text by itself, and says what is wrong with it in its own way.
    scope.removeContentTypeParser('application/json');
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
      done(null, body);
    });
    // Not tRPC's own plugin: the paths of a batch are longer than Fastify lets a parameter be.
    scope.route<{ Params: { '*': string } }>({
      method: ['GET', 'POST'],
      url: '/trpc/*',
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
              request.log.error({ err: error.cause ?? error, path }, 'a tRPC call failed');
          },
        });
      },
    });
  });
}
