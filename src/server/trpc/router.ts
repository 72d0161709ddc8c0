import { costsQuerySchema } from '../contract.ts';
import {
  agoraTokenInput,
  alertsInput,
  allEventsInput,
  analyticsInput,
  audienceInput,
  channelEventsInput,
  channelInput,
  createInput,
  endInput,
  listInput,
  playbackInput,
  updateInput,
} from './inputs.ts';
import { procedure, publicProcedure, router } from './procedure.ts';
import { relayStatusOf } from './relay-status.ts';
import { told } from './told.ts';

/** Services in the words of the app; docs/client.md shows each from the client's side. */
export const appRouter = router({
  relay: router({
    start: procedure.input(channelInput).mutation(async ({ ctx, input: { channelId } }) => {
      const { playbackUrl } = await ctx.services.startRelay(ctx.call, channelId);
      return { success: true as const, playbackUrl };
    }),
    stop: procedure.input(channelInput).mutation(async ({ ctx, input: { channelId } }) => {
      await ctx.services.stopRelay(ctx.call, channelId);
      return { success: true as const };
    }),
    status: publicProcedure
      .input(channelInput)
      .query(async ({ ctx, input: { channelId } }) =>
        relayStatusOf(await ctx.services.relay(ctx.call, channelId)),
      ),
  }),

  streaming: router({
    getPlaybackUrl: publicProcedure
      .input(playbackInput)
      .query(async ({ ctx, input: { channelId, viewerId } }) => {
        const { hlsUrl, latency } = await ctx.services.playback(ctx.call, channelId, viewerId);
        return { hlsUrl, latency };
      }),
    /** The same with how long a signed address lasts, and whether anything is to be seen at it. */
    playback: publicProcedure
      .input(playbackInput)
      .query(({ ctx, input: { channelId, viewerId } }) =>
        ctx.services.playback(ctx.call, channelId, viewerId),
      ),
    analytics: procedure
      .input(analyticsInput)
      .query(({ ctx, input: { channelId, ...query } }) => ctx.services.metrics(ctx.call, channelId, query)),
  }),

  channels: router({
    create: procedure.input(createInput).mutation(async ({ ctx, input: { idempotencyKey, ...settings } }) => {
      const { value, etag, created } = await ctx.services.createChannel(ctx.call, settings, idempotencyKey);
      return { channel: value, etag, created };
    }),
    get: procedure.input(channelInput).query(async ({ ctx, input: { channelId } }) => {
      const { value, etag } = await ctx.services.channel(ctx.call, channelId);
      return { channel: value, etag };
    }),
    list: procedure.input(listInput).query(({ ctx, input }) => ctx.services.listChannels(ctx.call, input)),
    update: procedure
      .input(updateInput)
      .mutation(async ({ ctx, input: { channelId, settings, ifMatch } }) => {
        const { value, etag } = await ctx.services.changeChannel(ctx.call, channelId, settings, ifMatch);
        return { channel: value, etag };
      }),
    end: procedure.input(endInput).mutation(async ({ ctx, input: { channelId, ifMatch } }) => {
      await ctx.services.endChannel(ctx.call, channelId, ifMatch);
      return { success: true as const };
    }),
  }),

  audience: router({
    report: procedure.input(audienceInput).mutation(async ({ ctx, input: { channelId, agoraViewers } }) => {
      await ctx.services.reportAudience(ctx.call, channelId, agoraViewers);
      return { success: true as const };
    }),
  }),

  events: router({
    channel: procedure
      .input(channelEventsInput)
      .subscription(({ ctx, input: { channelId, lastEventId } }) =>
        told(ctx.services.events(ctx.call, channelId, lastEventId)),
      ),
    all: procedure
      .input(allEventsInput)
      .subscription(({ ctx, input: { lastEventId } }) =>
        told(ctx.services.events(ctx.call, undefined, lastEventId)),
      ),
  }),

  agoraToken: procedure
    .input(agoraTokenInput)
    .mutation(({ ctx, input: { channelId, ...request } }) =>
      ctx.services.agoraToken(ctx.call, channelId, request),
    ),
  costs: procedure.input(costsQuerySchema).query(({ ctx, input }) => ctx.services.costs(ctx.call, input)),
  alerts: procedure.input(alertsInput).query(({ ctx, input }) => ctx.services.alerts(ctx.call, input)),
  platforms: procedure.query(({ ctx }) => ctx.services.platforms(ctx.call)),
});

export type AppRouter = typeof appRouter;
