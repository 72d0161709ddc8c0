import { apiKeyRequestSchema } from '../contract/api-keys.ts';
import { costsQuerySchema } from '../contract/costs.ts';
import { modeChangeSchema } from '../contract/modes.ts';
import { usageQuerySchema } from '../contract/usage.ts';
import {
  agoraTokenInput,
  alertsInput,
  allEventsInput,
  analyticsInput,
  audienceInput,
  auditInput,
  channelEventsInput,
  channelInput,
  createInput,
  endInput,
  feedbackInput,
  historyInput,
  listInput,
  playbackInput,
  qoeInput,
  qoeReportInput,
  revokeKeyInput,
  startInput,
  ticketInput,
  updateInput,
} from './inputs.ts';
import { adminProcedure, operateProcedure, playbackProcedure, publicProcedure, router } from './procedure.ts';
import { ofChannel, trackEvents } from './track-events.ts';

/** The services as tRPC procedures of the app's contract. docs/build/typescript-client.md documents the client's side. */
export const appRouter = router({
  relay: router({
    start: operateProcedure.input(startInput).mutation(async ({ ctx, input: { channelId, ...options } }) => {
      const started = await ctx.services.startRelay(ctx.call, channelId, options);
      return { success: true as const, ...started };
    }),
    stop: operateProcedure.input(channelInput).mutation(async ({ ctx, input: { channelId } }) => {
      await ctx.services.stopRelay(ctx.call, channelId);
      return { success: true as const };
    }),
    status: publicProcedure
      .input(channelInput)
      .query(({ ctx, input: { channelId } }) => ctx.services.relay(ctx.call, channelId)),
  }),

  streaming: router({
    getPlaybackUrl: publicProcedure
      .input(playbackInput)
      .query(({ ctx, input: { channelId, viewerId } }) =>
        ctx.services.playback(ctx.call, channelId, viewerId),
      ),
    /** The same as getPlaybackUrl. */
    playback: publicProcedure
      .input(playbackInput)
      .query(({ ctx, input: { channelId, viewerId } }) =>
        ctx.services.playback(ctx.call, channelId, viewerId),
      ),
    deliveryOptions: operateProcedure
      .input(channelInput)
      .query(({ ctx, input: { channelId } }) => ctx.services.deliveryOptions(ctx.call, channelId)),
    analytics: operateProcedure
      .input(analyticsInput)
      .query(({ ctx, input: { channelId, ...query } }) => ctx.services.metrics(ctx.call, channelId, query)),
  }),

  channels: router({
    create: operateProcedure
      .input(createInput)
      .mutation(async ({ ctx, input: { idempotencyKey, ...settings } }) => {
        const { value, etag, created } = await ctx.services.createChannel(ctx.call, settings, idempotencyKey);
        return { channel: value, etag, created };
      }),
    get: playbackProcedure.input(channelInput).query(async ({ ctx, input: { channelId } }) => {
      const { value, etag } = await ctx.services.channel(ctx.call, channelId);
      return { channel: value, etag };
    }),
    list: operateProcedure
      .input(listInput)
      .query(({ ctx, input }) => ctx.services.listChannels(ctx.call, input)),
    update: operateProcedure
      .input(updateInput)
      .mutation(async ({ ctx, input: { channelId, settings, ifMatch } }) => {
        const { value, etag } = await ctx.services.changeChannel(ctx.call, channelId, settings, ifMatch);
        return { channel: value, etag };
      }),
    changeModes: operateProcedure
      .input(modeChangeSchema)
      .mutation(({ ctx, input }) => ctx.services.changeModes(ctx.call, input)),
    rotateKey: operateProcedure.input(channelInput).mutation(async ({ ctx, input: { channelId } }) => {
      await ctx.services.rotateStreamKey(ctx.call, channelId);
      return { success: true as const };
    }),
    history: operateProcedure
      .input(historyInput)
      .query(({ ctx, input: { channelId, ...query } }) => ctx.services.history(ctx.call, channelId, query)),
    end: operateProcedure.input(endInput).mutation(async ({ ctx, input: { channelId, ifMatch } }) => {
      await ctx.services.endChannel(ctx.call, channelId, ifMatch);
      return { success: true as const };
    }),
  }),

  feedback: router({
    send: publicProcedure
      .input(feedbackInput)
      .mutation(async ({ ctx, input: { channelId, ...feedback } }) => {
        await ctx.services.feedback(ctx.call, channelId, feedback);
        return { success: true as const };
      }),
  }),

  qoe: router({
    report: publicProcedure
      .input(qoeReportInput)
      .mutation(async ({ ctx, input: { channelId, ...report } }) => {
        const answer = await ctx.services.reportQoe(ctx.call, channelId, report);
        return { success: true as const, ...answer };
      }),
    lastHour: operateProcedure
      .input(channelInput)
      .query(({ ctx, input: { channelId } }) => ctx.services.qoe(ctx.call, channelId, { step: 60 })),
    range: operateProcedure
      .input(qoeInput)
      .query(({ ctx, input: { channelId, ...query } }) => ctx.services.qoe(ctx.call, channelId, query)),
  }),

  audience: router({
    report: operateProcedure
      .input(audienceInput)
      .mutation(async ({ ctx, input: { channelId, agoraViewers } }) => {
        await ctx.services.reportAudience(ctx.call, channelId, agoraViewers);
        return { success: true as const };
      }),
  }),

  tickets: router({
    create: operateProcedure
      .input(ticketInput)
      .mutation(({ ctx, input: { channelId, ...request } }) =>
        ctx.services.createTicket(ctx.call, channelId, request),
      ),
  }),

  apiKeys: router({
    list: adminProcedure.query(({ ctx }) => ctx.services.apiKeys(ctx.call)),
    create: adminProcedure
      .input(apiKeyRequestSchema)
      .mutation(({ ctx, input }) => ctx.services.createApiKey(ctx.call, input)),
    revoke: adminProcedure.input(revokeKeyInput).mutation(async ({ ctx, input: { id } }) => {
      await ctx.services.revokeApiKey(ctx.call, id);
      return { success: true as const };
    }),
  }),

  events: router({
    channel: playbackProcedure
      .input(channelEventsInput)
      .subscription(({ ctx, input: { channelId, lastEventId } }) =>
        trackEvents(ofChannel(ctx.services.events(ctx.call, channelId, lastEventId))),
      ),
    all: operateProcedure
      .input(allEventsInput)
      .subscription(({ ctx, input: { lastEventId } }) =>
        trackEvents(ctx.services.events(ctx.call, undefined, lastEventId)),
      ),
  }),

  agoraToken: operateProcedure
    .input(agoraTokenInput)
    .mutation(({ ctx, input: { channelId, ...request } }) =>
      ctx.services.agoraToken(ctx.call, channelId, request),
    ),
  overview: operateProcedure.query(({ ctx }) => ctx.services.overview(ctx.call)),
  usage: operateProcedure
    .input(usageQuerySchema.prefault({}))
    .query(({ ctx, input }) => ctx.services.usage(ctx.call, input)),
  costs: adminProcedure
    .input(costsQuerySchema)
    .query(({ ctx, input }) => ctx.services.costs(ctx.call, input)),
  prices: operateProcedure.query(({ ctx }) => ctx.services.prices(ctx.call)),
  budgets: adminProcedure.query(({ ctx }) => ctx.services.budgets(ctx.call)),
  audit: adminProcedure.input(auditInput).query(({ ctx, input }) => ctx.services.audit(ctx.call, input)),
  alerts: operateProcedure.input(alertsInput).query(({ ctx, input }) => ctx.services.alerts(ctx.call, input)),
  platforms: operateProcedure.query(({ ctx }) => ctx.services.platforms(ctx.call)),
});

export type AppRouter = typeof appRouter;
