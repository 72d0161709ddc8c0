import { initTRPC } from '@trpc/server';
import type { TrpcContext } from './context.ts';
import { asTrpcError, problemOf, trpcProblem } from './errors.ts';

const t = initTRPC.context<TrpcContext>().create({
  // Stacks are for the log.
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
    // Proxies close what is silent; clients find out that the other end is gone.
    ping: { enabled: true, intervalMs: 15_000 },
    client: { reconnectAfterInactivityMs: 45_000 },
    // Whoever subscribes is looked at again so often: a revoked key ends here. The client resumes by itself.
    maxDurationMs: 15 * 60_000,
  },
});

export const router = t.router;

/** Problems of the services in tRPC's words. */
export const procedure = t.procedure.use(async ({ next }) => {
  const result = await next();
  if (!result.ok) throw asTrpcError(result.error);
  return result;
});

/** Anybody may, where the settings say so: what a page of buyers needs. */
export const publicProcedure = procedure.use(({ ctx, next }) => {
  const { call, publicPlayback } = ctx;
  if (!publicPlayback || call.caller.scope !== undefined) return next();
  return next({ ctx: { call: { ...call, caller: { ...call.caller, scope: 'playback' as const } } } });
});
