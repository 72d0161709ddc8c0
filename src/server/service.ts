import type { z } from 'zod';
import type { agoraTokenRequestSchema, agoraTokenViewSchema } from './contract/agora.ts';
import type { alertViewSchema } from './contract/alerts.ts';
import type { ApiKeyRequest, ApiKeyView, CreatedApiKey } from './contract/api-keys.ts';
import type { AuditEntryView } from './contract/audit.ts';
import type { ChannelChange, CreateChannel } from './contract/channel-settings.ts';
import type { ChannelView } from './contract/channel-view.ts';
import type { BudgetView, costsQuerySchema, costsViewSchema, PricesView } from './contract/costs.ts';
import type { metricPointSchema, metricsQuerySchema } from './contract/metrics.ts';
import type { platformViewSchema } from './contract/platforms.ts';
import type { DeliveryOptions } from './contract/delivery-options.ts';
import type { historyQuerySchema, Moment } from './contract/history.ts';
import type { Overview } from './contract/overview.ts';
import type { PlaybackView, StartedRelay } from './contract/playback.ts';
import type { StartRelay } from './contract/relay-start.ts';
import type { RelayState } from './contract/relay-view.ts';
import type { ModeChange, ModeChangeResult } from './contract/modes.ts';
import type { ServerEvent } from './contract/events.ts';
import type { Feedback } from './contract/feedback.ts';
import type { QoeAnswer, QoeQuery, QoeReport, QoeView } from './contract/qoe.ts';
import type { UsageView, usageQuerySchema } from './contract/usage.ts';
import type { TicketRequest, TicketView } from './contract/tickets.ts';
import type { Ticket } from './auth/tickets/ticket.ts';

export const scopes = ['playback', 'operate', 'admin'] as const;
/** Each scope includes those before it. */
export type Scope = (typeof scopes)[number];

/** The authenticated caller. */
export interface Caller {
  /**
   * kubernetes:system:serviceaccount:shop:app, api-key:ID, oidc:ISSUER#SUBJECT, ticket:ROLE:USER, ticket:ROLE#ID or
   * anonymous; contains no secret.
   */
  readonly subject: string;
  readonly scope: Scope | undefined;
  /** Only channels with public playback: the caller has its scope because public playback is enabled. */
  readonly publicOnly?: true;
  /** Authenticated by the cookie of a session, which only pages of the service may use for changes. */
  readonly session?: true;
  /** The ticket of a caller without a scope (services/ticket-permissions.ts). */
  readonly ticket?: Ticket;
}

/** One call: its caller, the request id in the log, and a signal that aborts when the result is no longer needed. */
export interface CallContext {
  readonly caller: Caller;
  readonly requestId: string;
  readonly signal: AbortSignal;
  /** Of the client, behind trusted proxies, for the audit log. */
  readonly address?: string | undefined;
}

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Pass it as `after` (for alerts `before`) to get the next page; undefined on the last page. */
  readonly next: string | undefined;
}

/** A view, and the ETag that If-Match is compared with. */
export interface Versioned<T> {
  readonly value: T;
  readonly etag: string;
}

/**
 * All operations of the service. REST and tRPC are adapters that add no behavior. Each method checks the caller's scope
 * itself, writes changes to the audit log, and throws only ApiProblem (problems.ts).
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
    change: ChannelChange,
    ifMatch: string | undefined,
  ): Promise<Versioned<ChannelView>>;
  /** Changes the mode of all channels that have the labels. The answer comes when all have been written. */
  changeModes(call: CallContext, change: ModeChange): Promise<ModeChangeResult>;
  /**
   * Starts the deletion of the channel; its stream is deleted or retained according to the deletionPolicy. Resolves at
   * once: `deleting` is true in the view until the channel is gone.
   */
  endChannel(call: CallContext, id: string, ifMatch: string | undefined): Promise<void>;

  /**
   * Puts the channel on air, and creates it if it does not exist. Waits until its stream has a playback URL, which is signed
   * if required.
   */
  startRelay(call: CallContext, id: string, options: StartRelay): Promise<StartedRelay>;
  /** Takes the channel off air; its stream and playback URL are kept. Succeeds if there is nothing to stop. */
  stopRelay(call: CallContext, id: string): Promise<void>;
  /** Requests another stream key. The platform creates it within seconds, and the relay reconnects; an event follows. */
  rotateStreamKey(call: CallContext, id: string): Promise<void>;
  /** The state of the relay, also of a channel that does not exist. */
  relay(call: CallContext, id: string): Promise<RelayState>;

  /** Returns the playback URL, signed if required. Resumes a relay that is idle because it had no viewers. */
  playback(call: CallContext, id: string, viewerId: string | undefined): Promise<PlaybackView>;
  /** How buyers can watch the channel, with the price and the delay of each way. */
  deliveryOptions(call: CallContext, id: string): Promise<DeliveryOptions>;
  agoraToken(
    call: CallContext,
    id: string,
    request: z.infer<typeof agoraTokenRequestSchema>,
  ): Promise<z.infer<typeof agoraTokenViewSchema>>;
  reportAudience(call: CallContext, id: string, agoraViewers: number): Promise<void>;
  /** Counts a complaint of a viewer, and logs what its player measures. */
  feedback(call: CallContext, id: string, feedback: Feedback): Promise<void>;
  /** Adds what a player measured. A repetition counts once. */
  reportQoe(call: CallContext, id: string, report: QoeReport): Promise<QoeAnswer>;
  /** What players of the channel measured. Without a database: in the last hour, as far as they reported to this replica. */
  qoe(call: CallContext, id: string, query: QoeQuery): Promise<QoeView>;
  /** Signs a ticket for a browser. The channel need not exist yet. */
  createTicket(call: CallContext, id: string, request: TicketRequest): Promise<TicketView>;

  metrics(
    call: CallContext,
    id: string,
    query: z.infer<typeof metricsQuerySchema>,
  ): Promise<readonly z.infer<typeof metricPointSchema>[]>;
  /** Mode decisions and restarts of a channel, newest first. */
  history(
    call: CallContext,
    id: string,
    query: z.infer<typeof historyQuerySchema>,
  ): Promise<readonly Moment[]>;
  /** Uptime and traffic of one channel or of all. */
  usage(call: CallContext, query: z.infer<typeof usageQuerySchema>): Promise<UsageView>;
  /** All channels now: viewers, cost per hour, health, alerts. */
  overview(call: CallContext): Promise<Overview>;
  platforms(call: CallContext): Promise<readonly z.infer<typeof platformViewSchema>[]>;
  /** The prices in use, with which the cost of any audience can be computed. */
  prices(call: CallContext): Promise<PricesView>;
  costs(call: CallContext, query: z.infer<typeof costsQuerySchema>): Promise<z.infer<typeof costsViewSchema>>;
  /** Budgets of channels, and what is spent of them. */
  budgets(call: CallContext): Promise<readonly BudgetView[]>;
  alerts(
    call: CallContext,
    query: {
      readonly channelId?: string | undefined;
      readonly platform?: string | undefined;
      readonly kind?: string | undefined;
      readonly open?: boolean | undefined;
      readonly limit: number;
      readonly before?: string | undefined;
    },
  ): Promise<Page<z.infer<typeof alertViewSchema>>>;

  /** Who changed what, newest first. */
  audit(
    call: CallContext,
    query: {
      readonly channelId?: string | undefined;
      readonly subject?: string | undefined;
      readonly action?: string | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly limit: number;
      readonly before?: string | undefined;
    },
  ): Promise<Page<AuditEntryView>>;
  apiKeys(call: CallContext): Promise<readonly ApiKeyView[]>;
  /** The key itself is in this answer alone. */
  createApiKey(call: CallContext, request: ApiKeyRequest): Promise<CreatedApiKey>;
  /** Succeeds if the key has been revoked before. */
  revokeApiKey(call: CallContext, id: string): Promise<void>;

  /**
   * Subscribes to the events of one channel or of all; with `lastEventId`, events since that one are included. Ends when
   * the call's signal aborts.
   */
  events(
    call: CallContext,
    channelId: string | undefined,
    lastEventId: string | undefined,
  ): AsyncIterable<ServerEvent>;
}

/** What an operation returns. */
export type Answer<K extends keyof Services> = ReturnType<Services[K]>;
/** The argument of an operation at this place. */
export type Input<K extends keyof Services, I extends number> = Parameters<Services[K]>[I];
