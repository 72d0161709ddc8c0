import { problemOf } from '@livechannel/client';
import { createChannelEvents, createLiveChannelRouter, type Authorize } from '@livechannel/client/trpc';
import { initTRPC, tracked, TRPCError } from '@trpc/server';
import { z } from 'zod';
import { seenOnAgora } from './audience.ts';
import { ensureChannel, live, serviceUrl } from './live.ts';
import { userIdPattern, type Session } from './session.ts';
import { showsOnAir } from './shows.ts';

interface Context {
  readonly session: Session | undefined;
  /** Logs in, or out. */
  readonly setUser: (userId: string | undefined) => void;
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
  return scope === 'playback' || session.channels.includes(channelId);
};

const buyer = t.procedure
  .input(z.object({ channelId: z.string().regex(/^[\w-]{1,64}$/) }))
  .use(({ ctx: { session }, next }) => {
    if (session === undefined) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Log in first.' });
    return next({ ctx: { session } });
  });
const seller = buyer.use(({ ctx: { session }, input: { channelId }, next }) => {
  if (session.channels.includes(channelId)) return next();
  throw new TRPCError({ code: 'FORBIDDEN', message: `Channel ${channelId} is another seller's.` });
});

/** uid 1 is the host's. */
const HOST_UID = 1;

export const appRouter = t.router({
  // relay.start, relay.stop, relay.status and streaming.getPlaybackUrl
  ...createLiveChannelRouter(t, { client: live, authorize, viewerId: ({ session }) => session?.userId }),
  events: createChannelEvents(t, { client: live, authorize, tracked }),

  /** For the components of @livechannel/react, which call the service themselves: one channel, one role, an hour. */
  tickets: t.router({
    buyer: buyer.mutation(({ ctx: { session }, input }) =>
      live.tickets.create.mutate({ ...input, userId: session.userId, role: 'buyer' }),
    ),
    // Without the grants start and stop: the page has buttons of its own, which publish to Agora as well.
    seller: seller.mutation(({ ctx: { session }, input }) =>
      live.tickets.create.mutate({ ...input, userId: session.userId, role: 'seller' }),
    ),
  }),

  agora: t.router({
    /** For the seller's page: joins the Agora channel as host. */
    hostToken: seller.mutation(async ({ input }) => {
      await ensureChannel(input.channelId);
      return live.agoraToken.mutate({ ...input, role: 'host', uid: HOST_UID });
    }),
    /** For a buyer who watches on Agora. Refused while the channel is hls-only. */
    viewerToken: buyer
      // Never the host's or a relay's. Better, let the back end choose it.
      .input(z.object({ uid: z.int().min(2).max(3_999_999_999) }))
      .mutation(({ input }) => live.agoraToken.mutate({ ...input, role: 'viewer' })),
    /** A buyer's page on Agora calls this every ten seconds, and is counted. */
    watching: buyer.mutation(({ ctx: { session }, input: { channelId } }) => {
      seenOnAgora(channelId, session.userId);
    }),
  }),

  // The app's own procedures.
  shows: t.router({ onAir: t.procedure.query(() => showsOnAir()) }),
  session: t.router({
    current: t.procedure.query(({ ctx: { session } }) => ({
      userId: session?.userId ?? null,
      channels: session?.channels ?? [],
      serviceUrl,
    })),
    logIn: t.procedure
      .input(z.object({ userId: z.string().regex(userIdPattern) }))
      .mutation(({ ctx, input: { userId } }) => {
        ctx.setUser(userId);
      }),
    logOut: t.procedure.mutation(({ ctx }) => {
      ctx.setUser(undefined);
    }),
  }),
});

/** For the app's pages: `createTRPCClient<AppRouter>`. */
export type AppRouter = typeof appRouter;
