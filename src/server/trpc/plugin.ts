import {
  fastifyTRPCPlugin,
  type CreateFastifyContextOptions,
  type FastifyTRPCPluginOptions,
} from '@trpc/server/adapters/fastify';
import type { FastifyInstance } from 'fastify';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Services } from '../service.ts';
import type { TrpcContext } from './context.ts';
import { asTrpcError, problemOf } from './errors.ts';
import { OpenCalls } from './open-calls.ts';
import { appRouter, type AppRouter } from './router.ts';

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

  const trpcOptions: FastifyTRPCPluginOptions<AppRouter>['trpcOptions'] = {
    router: appRouter,
    createContext,
    maxBatchSize: MOST_IN_A_BATCH,
    // Headers of the first problem: WWW-Authenticate and Retry-After are of use where all calls fail alike.
    responseMeta: ({ errors: [first] }) =>
      first === undefined ? {} : { headers: { ...problemOf(first).headers } },
    onError({ error, path, req }) {
      if (error.code === 'INTERNAL_SERVER_ERROR')
        req.log.error({ err: error.cause ?? error, path }, 'a tRPC call failed');
    },
  };
  await app.register(fastifyTRPCPlugin, { prefix: '/trpc', trpcOptions });
}
