import type { ChannelId } from '../api/channel-id.ts';
import type { Health } from '../api/values.ts';

/** Which channel: ids are unique within a namespace. */
export interface ChannelKey {
  readonly namespace: string;
  readonly channelId: ChannelId;
}

/** What was seen of a channel at one moment. undefined: nobody knows. */
export interface Sample extends ChannelKey {
  readonly at: Date;
  readonly agoraViewers: number | undefined;
  readonly hlsViewers: number | undefined;
  readonly bitrateKbps: number | undefined;
  readonly relayHealth: Health | undefined;
  readonly relayStatus: string | undefined;
  readonly platform: string | undefined;
  readonly afterGap: boolean;
}

/** A step of a chart: averages over it. Steps that nothing was seen of are left out, never filled in. */
export interface MetricPoint {
  readonly at: Date;
  readonly agoraViewers: number | undefined;
  readonly hlsViewers: number | undefined;
  readonly hlsViewersMost: number | undefined;
  readonly bitrateKbps: number | undefined;
  readonly relayHealth: Health | undefined;
  readonly samples: number;
  readonly gaps: number;
}

export interface MetricsQuery extends ChannelKey {
  readonly from: Date;
  readonly to: Date;
  readonly stepSeconds: number;
}

/** What the resources say now: a row of `channels`. */
export interface ChannelProjection extends ChannelKey {
  readonly streamMode: string | undefined;
  readonly hlsPlaybackUrl: string | undefined;
  readonly relayStatus: string | undefined;
  readonly relayStartedAt: Date | undefined;
  readonly streamingPlatform: string | undefined;
  readonly streamKeyId: string | undefined;
}

export interface CostEntry extends ChannelKey {
  readonly hour: Date;
  readonly show: Date;
  readonly platform: string;
  readonly line: string;
  readonly microDollars: number;
  readonly quantity: number;
  readonly estimated: boolean;
  readonly prices: string;
  /**
   * Whole seconds of that hour of which nobody counted what the line is of: a gap, or a number of viewers that nobody
   * knew. Nothing is charged for them. 0: the line is whole.
   */
  readonly missingSeconds: number;
}

export interface CostQuery {
  readonly namespace: string;
  readonly channelId?: ChannelId;
  readonly from: Date;
  readonly to: Date;
}

/** Of the hours that begin in [from, to): of a namespace, of one of its channels, of one show. */
export interface SpentQuery extends CostQuery {
  /** When it began, as in CostEntry. */
  readonly show?: Date;
}

export interface Alert extends ChannelKey {
  readonly id: string;
  readonly raisedAt: Date;
  readonly resolvedAt: Date | undefined;
  readonly kind: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly message: string;
  readonly occasion: string;
}

export interface ApiKeyRecord {
  readonly id: string;
  readonly name: string;
  readonly hash: Uint8Array;
  readonly scopes: readonly string[];
  readonly createdAt: Date;
  readonly expiresAt: Date | undefined;
  readonly revokedAt: Date | undefined;
  readonly lastUsedAt: Date | undefined;
}

export interface AuditEntry {
  readonly at: Date;
  readonly subject: string;
  readonly action: string;
  readonly namespace: string;
  readonly channelId: ChannelId | undefined;
  readonly outcome: string;
  readonly requestId: string;
  readonly detail: unknown;
}

/**
 * The database, as the operator and the service use it. Every method throws a StoreError (errors.ts) whose `reason` is
 * `Unavailable` (try again later) or `Invalid` (it never will).
 */
export interface Store extends AsyncDisposable {
  /** Resolves when the database answers and its schema is that of this version. */
  check(): Promise<void>;

  // The recorder's side: one writer, in batches. Saying a batch again does no harm.
  addSamples(samples: readonly Sample[]): Promise<void>;
  /** Sets these rows, and forgets the resource of every channel of `namespaces` (undefined: all) that is not among them. */
  projectChannels(
    rows: readonly ChannelProjection[],
    namespaces: readonly string[] | undefined,
  ): Promise<void>;
  /** Sets the entries of these hours: what they say is the whole of an hour and line, not an addition. */
  setCosts(entries: readonly CostEntry[]): Promise<void>;
  costsOf(query: CostQuery): Promise<readonly CostEntry[]>;
  /** What these entries come to, in micro-dollars; added up by the database. 0 where there are none. */
  spentOf(query: SpentQuery): Promise<number>;
  /** Makes tomorrow's partitions, rolls up what is complete, drops what is older than the retention. */
  upkeep(now: Date): Promise<void>;
  /** undefined when that occasion was told already. */
  raiseAlert(alert: Omit<Alert, 'id' | 'resolvedAt'>): Promise<Alert | undefined>;
  resolveAlert(key: ChannelKey, occasion: string, at: Date): Promise<void>;
  /**
   * What the receiver is still to be told of, in the order in which it was raised: an alert that was not delivered yet,
   * and one that was, and is resolved since then. So most are delivered twice: without `resolvedAt`, and then with it;
   * one that is resolved before it could be delivered is delivered once, as resolved.
   */
  undeliveredAlerts(most: number): Promise<readonly Alert[]>;
  /**
   * The receiver has taken the alert as it is given here: with `resolvedAt` it was told of the end, too. One that was
   * resolved while it was on its way, without, is therefore delivered again.
   */
  alertDelivered(alert: Pick<Alert, 'id' | 'resolvedAt'>, at: Date): Promise<void>;
  /**
   * The receiver was asked for too long (since `resolvedAt`, or else `raisedAt`): the alert is not delivered, and is not
   * among the undelivered ones any more. Nor will it be when it is resolved later: the receiver never heard of it.
   */
  alertGivenUp(id: string, at: Date): Promise<void>;
  /** The newest report of each channel's Agora audience since then. */
  audience(
    since: Date,
  ): Promise<readonly (ChannelKey & { readonly at: Date; readonly agoraViewers: number })[]>;

  // The service's side.
  reportAudience(key: ChannelKey, agoraViewers: number, at: Date): Promise<void>;
  /** The newest sample of each channel since then. */
  latestSamples(namespace: string, since: Date): Promise<readonly Sample[]>;
  metrics(query: MetricsQuery): Promise<readonly MetricPoint[]>;
  alerts(query: {
    readonly namespace: string;
    readonly channelId?: ChannelId;
    readonly open?: boolean;
    readonly most: number;
    /** Older than that one, for the next page. */
    readonly before?: string;
  }): Promise<readonly Alert[]>;
  putApiKey(key: Omit<ApiKeyRecord, 'createdAt' | 'revokedAt' | 'lastUsedAt'>): Promise<void>;
  apiKey(id: string): Promise<ApiKeyRecord | undefined>;
  apiKeys(): Promise<readonly ApiKeyRecord[]>;
  revokeApiKey(id: string, at: Date): Promise<boolean>;
  apiKeyUsed(id: string, at: Date): Promise<void>;
  appendAudit(entries: readonly AuditEntry[]): Promise<void>;
}
