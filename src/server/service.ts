import type { z } from 'zod';
import type {
  agoraTokenRequestSchema,
  agoraTokenViewSchema,
  alertViewSchema,
  ChannelSettings,
  ChannelView,
  costsQuerySchema,
  costsViewSchema,
  CreateChannel,
  metricPointSchema,
  metricsQuerySchema,
  platformViewSchema,
  PlaybackView,
  RelayView,
  ServerEvent,
} from './contract.ts';

export const scopes = ['playback', 'operate', 'admin'] as const;
/** Each one includes those before it. */
export type Scope = (typeof scopes)[number];

/** Who asks, as authentication has it. */
export interface Caller {
  /** kubernetes:system:serviceaccount:shop:app, api-key:ID, oidc:ISSUER#SUBJECT or anonymous; no secret in it. */
  readonly subject: string;
  readonly scope: Scope | undefined;
}

/** One call: who, under which id it is logged, until when anybody waits for it. */
export interface CallContext {
  readonly caller: Caller;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Give it as `after` to have the next page; undefined on the last one. */
  readonly next: string | undefined;
}

/** A view and the version that If-Match is compared with. */
export interface Versioned<T> {
  readonly value: T;
  readonly etag: string;
}

/**
 * Everything that the service can do: REST and tRPC are faces of it and add nothing. Each method checks the caller's
 * scope itself, writes changes to the audit log, and throws a Problem (problems.ts) and nothing else.
 */
export interface Services {
  createChannel(
    call: CallContext,
    input: CreateChannel,
    idempotencyKey: string | undefined,
  ): Promise<Versioned<ChannelView> & { readonly created: boolean }>;
  listChannels(
    call: CallContext,
    query: {
      readonly limit: number;
      readonly after?: string | undefined;
      readonly relayStatus?: string | undefined;
      readonly platform?: string | undefined;
      readonly streamMode?: string | undefined;
    },
  ): Promise<Page<ChannelView>>;
  channel(call: CallContext, id: string): Promise<Versioned<ChannelView>>;
  changeChannel(
    call: CallContext,
    id: string,
    change: ChannelSettings,
    ifMatch: string | undefined,
  ): Promise<Versioned<ChannelView>>;
  /** Deletes the resource; the platform's stream goes with it. Resolves at once: `deleting` is seen in its view. */
  endChannel(call: CallContext, id: string, ifMatch: string | undefined): Promise<void>;

  /** Makes the channel where there is none, and puts it on air. Waits until its stream has an address. */
  startRelay(call: CallContext, id: string): Promise<{ readonly playbackUrl: string }>;
  /** Takes it off air; the stream and its address stay. */
  stopRelay(call: CallContext, id: string): Promise<void>;
  relay(call: CallContext, id: string): Promise<RelayView>;

  /** Wakes a relay that rests for want of viewers. */
  playback(call: CallContext, id: string, viewerId: string | undefined): Promise<PlaybackView>;
  agoraToken(
    call: CallContext,
    id: string,
    request: z.infer<typeof agoraTokenRequestSchema>,
  ): Promise<z.infer<typeof agoraTokenViewSchema>>;
  reportAudience(call: CallContext, id: string, agoraViewers: number): Promise<void>;

  metrics(
    call: CallContext,
    id: string,
    query: z.infer<typeof metricsQuerySchema>,
  ): Promise<readonly z.infer<typeof metricPointSchema>[]>;
  platforms(call: CallContext): Promise<readonly z.infer<typeof platformViewSchema>[]>;
  costs(call: CallContext, query: z.infer<typeof costsQuerySchema>): Promise<z.infer<typeof costsViewSchema>>;
  alerts(
    call: CallContext,
    query: {
      readonly channelId?: string | undefined;
      readonly open?: boolean | undefined;
      readonly limit: number;
      readonly before?: string | undefined;
    },
  ): Promise<Page<z.infer<typeof alertViewSchema>>>;

  /**
   * What happens from now on, to one channel or to all; with `lastEventId` also what happened since. Ends when the
   * call's signal aborts.
   */
  events(
    call: CallContext,
    channelId: string | undefined,
    lastEventId: string | undefined,
  ): AsyncIterable<ServerEvent>;
}
