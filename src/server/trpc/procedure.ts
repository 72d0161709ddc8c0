import { initTRPC } from '@trpc/server';
import { HEARTBEAT_MS } from '../event-streams.ts';
import { isProblem } from '../problems.ts';
import type { Scope } from '../service.ts';
import { requireScope } from '../services/permissions.ts';
import type { TrpcContext } from './context.ts';
import { asTrpcError, problemOf, trpcProblem } from './errors.ts';
import { withPublicPlayback } from '../auth/authenticate.ts';
import { callerOf } from './ticket-procedures.ts';

const t = initTRPC.context<TrpcContext>().create({
  // Stack traces are logged, and not sent to clients.
  isDev: false,
  errorFormatter({ shape, error }) {
    const problem = problemOf(error);
    const { code, httpStatus, path } = shape.data;
    return {
      ...shape,
      message: problem.detail,
      data: { code, httpStatus, ...(path === undefined ? {} : { path }), problem: trpcProblem(problem) },
    };
  },
  sse: {
    ping: { enabled: true, intervalMs: HEARTBEAT_MS },
    client: { reconnectAfterInactivityMs: 3 * HEARTBEAT_MS },
  },
});

export const router = t.router;

/**
 * Converts problems of the services to TRPCErrors. Input is validated before the services check the scope, so it is
 * checked here: without the required scope, a caller receives only that error, and none about its input.
 */
const problemsAsTrpcErrors = (needed: Scope) =>
  t.middleware(async ({ ctx, path, next }) => {
    const result = await next();
    if (result.ok) return result;
    if (isProblem(result.error.cause)) throw asTrpcError(result.error);
    try {
      requireScope(callerOf(path, ctx.call.caller), needed);
    } catch (refusal) {
      throw asTrpcError(refusal);
    }
    throw result.error;
  });

/** The services check the same scope again. */
export const playbackProcedure = t.procedure.use(problemsAsTrpcErrors('playback'));
export const operateProcedure = t.procedure.use(problemsAsTrpcErrors('operate'));
export const adminProcedure = t.procedure.use(problemsAsTrpcErrors('admin'));

/** Requires no credentials if public playback is enabled. */
export const publicProcedure = t.procedure
  .use(({ ctx, next }) => {
    const { call, publicPlayback } = ctx;
    if (!publicPlayback) return next();
    return next({ ctx: { call: { ...call, caller: withPublicPlayback(call.caller) } } });
  })
  .use(problemsAsTrpcErrors('playback'));
