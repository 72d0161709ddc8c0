import type { ChannelId } from '../api/channel-id.ts';
import type { Health } from '../api/values.ts';

/** Identifies a channel: ids are unique within a namespace. */
export interface ChannelKey {
  readonly namespace: string;
  readonly channelId: ChannelId;
}

/** What was observed of a channel at one moment. undefined: unknown. */
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

/** Averages over one step of a chart. Steps without samples are left out, never filled in. */
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

/** Selects the samples in [from, to) of a channel. */
export interface MetricsQuery extends ChannelKey {
  readonly from: Date;
  readonly to: Date;
  readonly stepSeconds: number;
}

/** A row of `channels`: the current state of a LiveChannel resource. */
export interface ChannelProjection extends ChannelKey {
  readonly streamMode: string | undefined;
  readonly hlsPlaybackUrl: string | undefined;
  readonly relayStatus: string | undefined;
  readonly relayStartedAt: Date | undefined;
  readonly streamingPlatform: string | undefined;
  readonly streamKeyId: string | undefined;
}

/** Cost of one line of a channel's bill in one hour. `quantity` is in viewer-seconds or seconds on air. */
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
   * Whole seconds of the hour that the line does not cover, because of a gap in the samples or an unknown number of
   * viewers. No cost is recorded for them. 0: the line is complete.
   */
  readonly missingSeconds: number;
}

/** Selects the hours that begin in [from, to), of a namespace or of one of its channels. */
export interface CostQuery {
  readonly namespace: string;
  readonly channelId?: ChannelId;
  readonly from: Date;
  readonly to: Date;
}

/** Selects the hours that begin in [from, to) of a namespace, of one of its channels, or of one show. */
export interface SpentQuery extends CostQuery {
  /** Beginning of the show, as in CostEntry. */
  readonly show?: Date;
}

/** An alert about a channel; `occasion` identifies what it is about. */
export interface Alert extends ChannelKey {
  readonly id: string;
  readonly raisedAt: Date;
  readonly resolvedAt: Date | undefined;
  readonly kind: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly message: string;
  readonly occasion: string;
}

/** A channel of an Agora project, as the service of a namespace knows it. */
export interface AgoraChannelKey {
  readonly namespace: string;
  /** Name of the Secret with the project's credentials. */
  readonly project: string;
  readonly agoraChannel: string;
}

/** What happened to a member of an Agora channel. */
export interface AgoraMemberEvent extends AgoraChannelKey {
  readonly uid: number;
  /** Agora's order of the events of one user; an integer. */
  readonly clientSeq: number;
  readonly at: Date;
  /** Whether the user is in the channel after the event. */
  readonly present: boolean;
  readonly host: boolean;
}

/** Who is in an Agora channel. */
export interface AgoraAudience extends AgoraChannelKey {
  /** Members that are neither hosts nor relays. */
  readonly viewers: number;
  readonly hostUids: readonly number[];
  readonly relayUids: readonly number[];
  /** When the newest notification of the project was received, whatever its channel. */
  readonly projectHeardAt: Date;
}

/** A stored API key; `hash` is the SHA-256 of its secret. */
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

/** One change that a caller requested, and its outcome. */
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
 * `Unavailable` (retry later) or `Invalid` (retrying does not help).
 */
export interface Store extends AsyncDisposable {
  /** Resolves when the database answers and its schema is that of this version. */
  check(): Promise<void>;

  // For the recorder: one writer, in batches. Writing a batch twice does no harm.
  addSamples(samples: readonly Sample[]): Promise<void>;
  /** Sets these rows, and clears those of all other channels of `namespaces` (undefined: of all namespaces). */
  projectChannels(
    rows: readonly ChannelProjection[],
    namespaces: readonly string[] | undefined,
  ): Promise<void>;
  /** Sets the entries of these hours. An entry is the total of its hour and line, not an addition. */
  setCosts(entries: readonly CostEntry[]): Promise<void>;
  costsOf(query: CostQuery): Promise<readonly CostEntry[]>;
  /** Sum of the entries in micro-dollars, computed by the database. 0 if there are none. */
  spentOf(query: SpentQuery): Promise<number>;
  /** Creates the partitions of the next days, rolls up complete intervals, drops what is older than the retention. */
  upkeep(now: Date): Promise<void>;
  /** Stores an alert. Returns undefined if an alert of that occasion exists already. */
  raiseAlert(alert: Omit<Alert, 'id' | 'resolvedAt'>): Promise<Alert | undefined>;
  resolveAlert(key: ChannelKey, occasion: string, at: Date): Promise<void>;
  /**
   * Alerts that are still to be delivered, in the order in which they were raised: those that were never delivered, and
   * those that have been resolved since their delivery. So most alerts are delivered twice: without `resolvedAt`, and then
   * with it. An alert that is resolved before it could be delivered is delivered once, as resolved.
   */
  undeliveredAlerts(most: number): Promise<readonly Alert[]>;
  /**
   * Records that the receiver accepted the alert in this form: with `resolvedAt`, it has received the resolution, too. An
   * alert that was resolved while it was being delivered without `resolvedAt` is therefore delivered again.
   */
  alertDelivered(alert: Pick<Alert, 'id' | 'resolvedAt'>, at: Date): Promise<void>;
  /**
   * Records that delivery was abandoned, because it has failed for too long (since `resolvedAt`, or else `raisedAt`). The
   * alert is no longer among the undelivered ones, even if it is resolved later: the receiver never received it.
   */
  alertGivenUp(id: string, at: Date): Promise<void>;
  /** The newest report of each channel's Agora audience, if it is not older than `since`. */
  audience(
    since: Date,
  ): Promise<readonly (ChannelKey & { readonly at: Date; readonly agoraViewers: number })[]>;

  /** Members of all Agora channels of which there are records, counting those whose last event is not before `since`. */
  agoraAudience(since: Date): Promise<readonly AgoraAudience[]>;

  // For the service.
  /**
   * Records events of members of Agora channels. Returns for each whether it is the newest of its user: older ones have
   * no effect, and repeating one changes nothing.
   */
  addAgoraEvents(events: readonly AgoraMemberEvent[], heardAt: Date): Promise<readonly boolean[]>;
  /** Records that the channel was destroyed: members whose last event is before that time have left. */
  agoraChannelDestroyed(key: AgoraChannelKey, at: Date): Promise<void>;
  reportAudience(key: ChannelKey, agoraViewers: number, at: Date): Promise<void>;
  /** The newest sample of each channel, if it is not older than `since`. */
  latestSamples(namespace: string, since: Date): Promise<readonly Sample[]>;
  metrics(query: MetricsQuery): Promise<readonly MetricPoint[]>;
  alerts(query: {
    readonly namespace: string;
    readonly channelId?: ChannelId;
    readonly open?: boolean;
    readonly most: number;
    /** Id of an alert: only older ones are returned, for the next page. */
    readonly before?: string;
  }): Promise<readonly Alert[]>;
  putApiKey(key: Omit<ApiKeyRecord, 'createdAt' | 'revokedAt' | 'lastUsedAt'>): Promise<void>;
  apiKey(id: string): Promise<ApiKeyRecord | undefined>;
  apiKeys(): Promise<readonly ApiKeyRecord[]>;
  revokeApiKey(id: string, at: Date): Promise<boolean>;
  apiKeyUsed(id: string, at: Date): Promise<void>;
  appendAudit(entries: readonly AuditEntry[]): Promise<void>;
}
