import { initTRPC } from '@trpc/server';
import { HEARTBEAT_MS } from '../event-streams.ts';
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
    ping: { enabled: true, intervalMs: HEARTBEAT_MS },
    client: { reconnectAfterInactivityMs: 3 * HEARTBEAT_MS },
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
