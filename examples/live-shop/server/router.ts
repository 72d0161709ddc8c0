import { problemOf } from '@livechannel/client';
import { createChannelEvents, createLiveChannelRouter, type Authorize } from '@livechannel/client/trpc';
import { initTRPC, tracked, TRPCError } from '@trpc/server';
import { live } from './live.ts';
import type { Session } from './session.ts';
import { showsOnAir } from './shows.ts';

interface Context {
  readonly session: Session | undefined;
}

const t = initTRPC.context<Context>().create({
  errorFormatter: ({ shape, error }) => {
    // Why the service refused, for the pages: a stable code, and when to try again.
    const problem = problemOf(error.cause);
    const { code, retryAfterSeconds } = problem ?? {};
    return { ...shape, data: { ...shape.data, liveChannel: { code, retryAfterSeconds } } };
  },
});

/**
 * Buyers watch, and only the seller of a channel starts and stops it. `playback` includes viewer counts, health and all
 * details in events; tickets (docs/build/authentication.md) are for buyers who must not see these.
 */
const authorize: Authorize<Context> = ({ session }, channelId, scope) => {
  if (session === undefined) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Log in first.' });
  return scope === 'playback' || session.sells(channelId);
};

export const appRouter = t.router({
  // relay.start, relay.stop, relay.status and streaming.getPlaybackUrl
  ...createLiveChannelRouter(t, { client: live, authorize, viewerId: ({ session }) => session?.userId }),
  events: createChannelEvents(t, { client: live, authorize, tracked }),

  // The app's own procedures.
  shows: t.router({ onAir: t.procedure.query(() => showsOnAir()) }),
});

/** For the app's pages: `createTRPCClient<AppRouter>`. */
export type AppRouter = typeof appRouter;
