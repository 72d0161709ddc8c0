import type { TRPCRootObject, TRPCRuntimeConfigOptions } from '@trpc/server';
import type { Labels } from '../../server/contract/labels.ts';
import type { LiveChannelClient } from '../client.ts';
import type { Authorize, ContextOf } from './authorize.ts';
import { channelProcedure } from './channel-procedure.ts';

/** How the relay joins the Agora channel, for an app that signs Agora's tokens itself. */
interface AgoraAccess {
  readonly agoraToken?: string | undefined;
  readonly agoraChannelName?: string | undefined;
}

export interface LiveChannelRouterOptions<Context extends object> {
  /** With a token of the scope `operate`. */
  readonly client: Pick<LiveChannelClient, 'relay' | 'streaming'>;
  readonly authorize: Authorize<Context>;
  /** ID of the viewer, for addresses that are signed for one viewer. Default: none. */
  readonly viewerId?: ((ctx: ContextOf<Context>) => string | undefined) | undefined;
  /** Called for each start. Default: the operator signs the token, for the channel's own Agora channel. */
  readonly agora?:
    ((ctx: ContextOf<Context>, channelId: string) => AgoraAccess | Promise<AgoraAccess>) | undefined;
  /** Labels of the channel, such as {tier: 'beta'}, called for each start. Default: none are set. */
  readonly labels?: ((ctx: ContextOf<Context>, channelId: string) => Labels | Promise<Labels>) | undefined;
}

/**
 * The routers `relay` (start, stop, status) and `streaming` (getPlaybackUrl) for the app's own router, with its context,
 * its transformer and its error formatter. Errors of the service become TRPCErrors with a LiveChannelProblem as cause.
 *
 * @example
 * const appRouter = t.router({
 *   ...createLiveChannelRouter(t, {
 *     client: live,
 *     authorize: (ctx, channelId, scope) => scope === 'playback' || ctx.user?.sells(channelId) === true,
 *   }),
 *   orders: ordersRouter,
 * });
 */
export function createLiveChannelRouter<
  Context extends object,
  Meta extends object,
  Options extends TRPCRuntimeConfigOptions<Context, Meta>,
>(t: TRPCRootObject<Context, Meta, Options>, options: LiveChannelRouterOptions<Context>) {
  const { client, authorize, viewerId, agora, labels } = options;
  const operate = channelProcedure(t, authorize, 'operate');
  const playback = channelProcedure(t, authorize, 'playback');
  return {
    relay: t.router({
      start: operate.mutation(async ({ ctx, input: { channelId }, signal }) => {
        const access = await agora?.(ctx, channelId);
        const { success, playbackUrl } = await client.relay.start.mutate(
          { channelId, ...access, labels: await labels?.(ctx, channelId) },
          withSignal(signal),
        );
        return { success: success as boolean, playbackUrl };
      }),
      stop: operate.mutation(async ({ input, signal }) => {
        const { success } = await client.relay.stop.mutate(input, withSignal(signal));
        return { success: success as boolean };
      }),
      status: playback.query(async ({ input, signal }) => {
        const relay = await client.relay.status.query(input, withSignal(signal));
        const { isActive, viewerCount, bitrate, health } = relay;
        return { isActive, viewerCount, bitrate, health };
      }),
    }),
    streaming: t.router({
      getPlaybackUrl: playback.query(async ({ ctx, input: { channelId }, signal }) => {
        const { hlsUrl, latency } = await client.streaming.getPlaybackUrl.query(
          { channelId, viewerId: viewerId?.(ctx) },
          withSignal(signal),
        );
        return { hlsUrl, latency };
      }),
    }),
  };
}

/** The caller's abort aborts the call to the service. */
function withSignal(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
