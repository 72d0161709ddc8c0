import type { AuditMatch } from '../api/audit-match.ts';
import type { ChannelId } from '../api/channel-id.ts';
import type { AlertKind, AlertSeverity } from '../api/alerts.ts';
import type { Health, MomentKind } from '../api/values.ts';
import type { ChannelMessage } from '../api/webhooks.ts';

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

/** What is measured of a channel now. undefined: unknown. */
export interface LiveRow extends ChannelKey {
  readonly at: Date;
  readonly agoraViewers: number | undefined;
  readonly hlsViewers: number | undefined;
  /** What the relay reported: a value of JSON, which the database does not interpret. */
  readonly report: unknown;
}

/** A row, and how long ago it was written, by the clock of the database. */
export interface StoredLiveRow extends LiveRow {
  readonly ageMs: number;
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
  /** What viewers use now, for a column that cannot hold `auto`. */
  readonly effectiveStreamMode: string | undefined;
  readonly hlsPlaybackUrl: string | undefined;
  readonly relayStatus: string | undefined;
  readonly relayStartedAt: Date | undefined;
  readonly streamingPlatform: string | undefined;
  readonly streamKeyId: string | undefined;
}

/** A row that the database did not accept in a table of the app, and why. All others are written. */
export interface RefusedRow {
  readonly channelId: string;
  readonly message: string;
}

/** A row of one of the project's tables that was left out because its content cannot be stored. */
export interface LeftOutRow {
  readonly table: string;
  /** What the row is about: a channel as namespace/ID, or whatever else names it. */
  readonly row: string;
  readonly message: string;
}

/** What projectChannels could not write into the app's table of channels. */
export interface UnwrittenChannels {
  readonly refused: readonly RefusedRow[];
  /** Number of values by column that are longer than the column of the app. They are written as null. */
  readonly tooLong: ReadonlyMap<string, number>;
}

/** Selects the samples for the app's own stream_metrics. */
export interface FillMetrics {
  /** Samples of the whole minutes before this time are complete. */
  readonly until: Date;
  readonly rows: 'minute' | 'sample';
}

export interface FilledMetrics {
  /** own: `channels`, too, is the project's own, and there is nothing to fill. */
  readonly table: 'own' | 'usable' | 'absent' | 'occupied' | 'unusable';
  /** Why it is not filled. */
  readonly problem?: string;
  readonly written: number;
  readonly refused: readonly RefusedRow[];
  /** Everything before this time is filled in; undefined: unknown. */
  readonly until: Date | undefined;
  /** Whether there are more minutes to fill in. */
  readonly more: boolean;
}

/** Uptime and traffic of a channel in one hour. Seconds may have fractions. */
export interface ServiceHour extends ChannelKey {
  readonly hour: Date;
  /** In which the channel should have been on air, and had a host. */
  readonly wantedSeconds: number;
  readonly onAirSeconds: number;
  /** In which it waited for its host. */
  readonly waitingSeconds: number;
  /** In which it should have been on air, and nothing was observed. */
  readonly missingSeconds: number;
  /** Sent by the relay. */
  readonly ingestBytes: number;
  /** Delivered to viewers, as the platform measures it. */
  readonly measuredBytes: number;
  /** Delivered to viewers where the platform measures nothing: viewers times bitrate. */
  readonly estimatedBytes: number;
  /** End of the time that is counted. */
  readonly until: Date;
  /** Whether the channel should have been on air then. */
  readonly wantedAtEnd: boolean;
}

/** Sums of service hours, of one channel (`channelId`) or of one UTC day (`day`). */
export interface ServiceSum extends Omit<
  ServiceHour,
  'namespace' | 'channelId' | 'hour' | 'until' | 'wantedAtEnd'
> {
  readonly channelId: ChannelId | undefined;
  readonly day: Date | undefined;
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

/** Selects the hours of a channel from `since` on, of one of its shows or of all. */
export interface ShowOrHour {
  readonly channelId: ChannelId;
  readonly since: Date;
  /** Beginning of the show, as in CostEntry; undefined: all shows. */
  readonly show: Date | undefined;
}

/** A mode decision or a restart of a channel. */
export interface ChannelMoment extends ChannelKey {
  readonly at: Date;
  readonly kind: MomentKind;
  readonly text: string;
}

/** Selects the newest moments in [from, to) of a channel. */
export interface HistoryQuery extends ChannelKey {
  readonly from: Date;
  readonly to: Date;
  readonly most: number;
}

/** What an alert is about: a channel, or, without namespace and channel, a platform. */
export interface AlertSubject {
  readonly namespace: string | undefined;
  readonly channelId: ChannelId | undefined;
  /** Of an alert about a channel: the platform that the channel was on, if that matters. */
  readonly platform?: string | undefined;
}

/** An alert; `occasion` identifies what it is about. */
export interface Alert extends AlertSubject {
  readonly id: string;
  readonly raisedAt: Date;
  readonly resolvedAt: Date | undefined;
  /** A kind of src/api/alerts.ts; after a downgrade, one that this version does not know. */
  readonly kind: string;
  readonly severity: AlertSeverity;
  readonly message: string;
  readonly occasion: string;
}

/** An alert, and its place in the order of changes of all alerts. */
export interface AlertChange {
  readonly alert: Alert;
  readonly change: number;
}

/** What was last announced of a channel, as text that only the recorder interprets. */
export interface Announced extends ChannelKey {
  readonly state: string;
}

/** A change of a channel, and the messages that announce it, in order. */
export interface Announcement extends ChannelKey {
  /** undefined: the channel is gone. */
  readonly state: string | undefined;
  readonly messages: readonly { readonly type: ChannelMessage; readonly data: string }[];
}

/** A message that waits for the webhook's receiver. */
export interface OutboxMessage extends ChannelKey {
  readonly id: string;
  readonly type: ChannelMessage;
  readonly createdAt: Date;
  /** JSON. */
  readonly data: string;
}

/** A channel of an Agora project, as the service of a namespace knows it. */
export interface AgoraChannelKey {
  readonly namespace: string;
  /** Name of the Secret with the project's credentials. */
  readonly project: string;
  readonly agoraChannel: string;
}

export interface AgoraMemberKey extends AgoraChannelKey {
  readonly uid: number;
}

/** What happened to a member of an Agora channel. */
export interface AgoraMemberEvent extends AgoraMemberKey {
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

/** Sums of what players measured. Where players are sampled, each counts for all that it stands for. */
export interface QoeSums {
  /** Numbers of values by bucket of src/api/qoe-buckets.ts. */
  readonly startups: readonly number[];
  readonly latencies: readonly number[];
  /** Seconds. */
  readonly playing: number;
  readonly stalled: number;
  readonly stalls: number;
  readonly frames: number;
  readonly dropped: number;
  readonly fatal: number;
  /** Players that started in this time. */
  readonly starts: number;
  /** Players that had started before; and how many of them reported, where players are sampled. */
  readonly carried: number;
  readonly carriedReporters: number;
}

/** Sums of a channel in a minute, or in a step of a chart, that begins at `at`. */
export interface QoeRow {
  readonly channelId: ChannelId;
  readonly at: Date;
  readonly platform: string | undefined;
  readonly browser: string;
  readonly sums: QoeSums;
}

/** What a replica adds at once: each minute, platform and browser of a channel occurs once. */
export interface QoeBatch {
  readonly namespace: string;
  /** Another one for each process. */
  readonly replica: string;
  /** Increases by 1, from 1. */
  readonly batch: number;
  readonly rows: readonly QoeRow[];
}

/** Selects the minutes that begin in [from, to). */
export interface QoeQuery extends ChannelKey {
  readonly from: Date;
  readonly to: Date;
  readonly stepSeconds: number;
  readonly replica: string;
}

/** Players of a channel that report now. */
export interface QoePlayers {
  readonly channelId: ChannelId;
  readonly connected: number;
  readonly watching: number;
  /** Of the oldest part of the sums. */
  readonly ageSeconds: number;
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
  /** Of the client; undefined: not requested by HTTP. */
  readonly address?: string | undefined;
}

/** An entry that was written. */
export interface RecordedAudit extends AuditEntry {
  readonly id: string;
}

export interface AuditQuery {
  readonly namespaces: readonly string[];
  readonly channelId?: ChannelId | undefined;
  readonly subject?: string | undefined;
  /**
   * How channel and caller are compared; default: whole. prefix: in any case, by at most 128 characters; of a caller, the last
   * part of its name is compared, too.
   */
  readonly match?: AuditMatch | undefined;
  readonly action?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Id of an entry: only older ones are returned, for the next page. */
  readonly before?: string | undefined;
  readonly most: number;
}

/**
 * The database, as the operator and the service use it. Every method throws a StoreError (errors.ts) whose `reason` is
 * `Unavailable` (retry later) or `Invalid` (retrying does not help). A method that writes many rows leaves out those whose
 * content cannot be stored, such as text with NUL, and writes all others: one channel never keeps those of others from
 * being recorded.
 */
export interface Store extends AsyncDisposable {
  /** How many rows were left out so far, by table. */
  leftOutRows(): ReadonlyMap<string, number>;
  /** Resolves when the database answers and its schema is that of this version. */
  check(): Promise<void>;

  // For the recorder: one writer, in batches. Writing a batch twice does no harm.
  /** Returns those that were left out. */
  addSamples(samples: readonly Sample[]): Promise<readonly Sample[]>;
  /**
   * Replaces what is known of these channels now. Rows that were not written for 10 s are deleted, whatever their channel
   * and namespace. Uses a connection of its own and has a shorter time limit: it delays no other call.
   */
  setLiveNumbers(rows: readonly LiveRow[]): Promise<void>;
  /**
   * Sets these rows, and clears those of all other channels of `namespaces` (undefined: of all namespaces) but the `kept`
   * ones. A row that the database refuses does not affect the others. Into the app's own table go only channels of the one
   * namespace that is named for it.
   */
  projectChannels(
    rows: readonly ChannelProjection[],
    namespaces: readonly string[] | undefined,
    kept?: readonly ChannelKey[],
  ): Promise<UnwrittenChannels>;
  /** Inserts samples that are not there yet into the app's own stream_metrics, if it has one of the expected shape. */
  fillMetrics(request: FillMetrics): Promise<FilledMetrics>;
  /** Deletes rows that fillMetrics inserted and that are older than the retention of samples. */
  pruneMetrics(now: Date): Promise<void>;
  /** Sets the entries of these hours. An entry is the total of its hour and line, not an addition. */
  setCosts(entries: readonly CostEntry[]): Promise<void>;
  costsOf(query: CostQuery): Promise<readonly CostEntry[]>;
  /** Sum of the entries in micro-dollars, computed by the database. 0 if there are none. */
  spentOf(query: SpentQuery): Promise<number>;
  /** Likewise for many channels at once. A channel without entries has 0. */
  spentBy(namespace: string, channels: readonly ShowOrHour[]): Promise<ReadonlyMap<ChannelId, number>>;
  /** Creates the partitions of the next days, rolls up complete intervals, drops what is older than the retention. */
  upkeep(now: Date): Promise<void>;
  /**
   * Stores an alert. Returns undefined if an alert of that occasion exists already, or, if the occasion begins with the kind
   * and a slash, if one of its kind is open.
   */
  raiseAlert(alert: Omit<Alert, 'id' | 'resolvedAt'>): Promise<Alert | undefined>;
  /** Returns the alert if it was open. */
  resolveAlert(subject: AlertSubject, occasion: string, at: Date): Promise<Alert | undefined>;
  /** Resolves the alert of that kind, of which at most one is open. Returns it if there was one. */
  resolveAlertOfKind(subject: AlertSubject, kind: AlertKind, at: Date): Promise<Alert | undefined>;
  /** Open alerts of these namespaces (undefined: all) and of platforms, oldest first. */
  openAlerts(namespaces: readonly string[] | undefined, most: number): Promise<readonly Alert[]>;
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
  /** Adds what happened to channels. A moment that was added before is not added again. */
  addMoments(moments: readonly ChannelMoment[]): Promise<void>;
  /** Replaces existing rows of the same channel and hour: a row is the total of its hour, not an addition. */
  setServiceHours(hours: readonly ServiceHour[]): Promise<void>;
  /** The newest row of each channel of all namespaces, if its hour is not older than `since`. */
  latestServiceHours(since: Date): Promise<readonly ServiceHour[]>;
  /** What was last announced of each channel of these namespaces (undefined: all). */
  announced(namespaces: readonly string[] | undefined): Promise<readonly Announced[]>;
  /**
   * Records what is announced of channels, and queues the messages, in one transaction. Nothing is queued for a channel of
   * which the same was announced already, e.g. by another leader. A message replaces those of its type and channel that
   * still wait; `ended` replaces all of its channel. So at most three messages of a channel wait.
   */
  announce(announcements: readonly Announcement[], at: Date): Promise<void>;
  /** The oldest waiting message of each channel, oldest first. */
  waitingMessages(most: number): Promise<readonly OutboxMessage[]>;
  /** The receiver accepted the message. */
  messageDelivered(id: string): Promise<void>;
  /** Deletes waiting messages from before `before`, and the oldest beyond `most`. Returns how many were deleted. */
  pruneMessages(before: Date, most: number): Promise<number>;
  /** The newest report of each channel's Agora audience, if it is not older than `since`. */
  audience(
    since: Date,
  ): Promise<readonly (ChannelKey & { readonly at: Date; readonly agoraViewers: number })[]>;

  /** Members of all Agora channels of which there are records, counting those whose last event is not before `since`. */
  agoraAudience(since: Date, relays?: readonly AgoraMemberKey[]): Promise<readonly AgoraAudience[]>;

  // For the service.
  /**
   * Records events of members of Agora channels. Returns for each whether it is the newest of its user: older ones have
   * no effect, and repeating one changes nothing. An event that was left out is not the newest.
   */
  addAgoraEvents(events: readonly AgoraMemberEvent[], heardAt: Date): Promise<readonly boolean[]>;
  /** Records that the channel was destroyed: members whose last event is before that time have left. */
  agoraChannelDestroyed(key: AgoraChannelKey, at: Date): Promise<void>;
  reportAudience(key: ChannelKey, agoraViewers: number, at: Date): Promise<void>;
  /** The newest sample of each channel, if it is not older than `since`. */
  latestSamples(namespace: string, since: Date): Promise<readonly Sample[]>;
  /** The rows of the namespace that were written within 10 s; likewise by a connection of its own. */
  liveNumbers(namespace: string): Promise<readonly StoredLiveRow[]>;
  metrics(query: MetricsQuery): Promise<readonly MetricPoint[]>;
  /** Newest first. */
  history(query: HistoryQuery): Promise<readonly ChannelMoment[]>;
  /** Adds what players reported to a replica. A batch that was added before is not added again. */
  addQoe(batch: QoeBatch): Promise<void>;
  /** What players reported to all replicas, by step, and the last batch of this replica that it contains; 0: none. */
  qoe(query: QoeQuery): Promise<{ readonly rows: readonly QoeRow[]; readonly batch: number }>;
  /** Writes the replica's numbers of players, and returns the sums of the other replicas. */
  exchangeQoePlayers(
    namespace: string,
    replica: string,
    own: readonly Omit<QoePlayers, 'ageSeconds'>[],
  ): Promise<readonly QoePlayers[]>;
  /** Alerts about channels of the namespace, and about platforms. */
  alerts(query: {
    readonly namespace: string;
    readonly channelId?: ChannelId;
    readonly platform?: string;
    readonly kind?: string;
    readonly open?: boolean;
    readonly most: number;
    /** Id of an alert: only older ones are returned, for the next page. */
    readonly before?: string;
  }): Promise<readonly Alert[]>;
  /** Sums of the hours that begin in [from, to): one for each channel, and one for each day. */
  serviceSums(query: CostQuery): Promise<readonly ServiceSum[]>;
  /** Alerts that changed after `change`, in that order; undefined: only the place of the newest change. */
  alertChanges(
    namespace: string,
    after: number | undefined,
    most: number,
  ): Promise<{ readonly changes: readonly AlertChange[]; readonly newest: number }>;
  putApiKey(key: Omit<ApiKeyRecord, 'createdAt' | 'revokedAt' | 'lastUsedAt'>): Promise<void>;
  apiKey(id: string): Promise<ApiKeyRecord | undefined>;
  apiKeys(): Promise<readonly ApiKeyRecord[]>;
  revokeApiKey(id: string, at: Date): Promise<boolean>;
  apiKeyUsed(id: string, at: Date): Promise<void>;
  appendAudit(entries: readonly AuditEntry[]): Promise<void>;
  /** Newest first. */
  auditEntries(query: AuditQuery): Promise<readonly RecordedAudit[]>;
}
