import type {
  inferProcedureBuilderResolverOptions,
  TRPCProcedureBuilder,
  TRPCUnsetMarker,
} from '@trpc/server';

/** What a caller needs: `playback` to watch, `operate` to start and stop. */
export type ChannelScope = 'playback' | 'operate';

/** The context as a procedure of the app receives it. */
export type ContextOf<Context extends object> = inferProcedureBuilderResolverOptions<
  TRPCProcedureBuilder<
    Context,
    object,
    object,
    TRPCUnsetMarker,
    TRPCUnsetMarker,
    TRPCUnsetMarker,
    TRPCUnsetMarker,
    false
  >
>['ctx'];

/**
 * Whether the caller of the app's procedure may do this with the channel. Only `true` allows it; anything thrown, such
 * as a TRPCError, is passed on.
 */
export type Authorize<Context extends object> = (
  ctx: ContextOf<Context>,
  channelId: string,
  scope: ChannelScope,
) => boolean | Promise<boolean>;
