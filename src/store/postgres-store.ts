import type { Kysely } from 'kysely';
import { addAgoraEvents, agoraAudience, agoraChannelDestroyed } from './agora-members.ts';
import {
  alertChanges,
  alertDelivered,
  alertGivenUp,
  alerts,
  openAlerts,
  raiseAlert,
  resolveAlert,
  resolveAlertOfKind,
  undeliveredAlerts,
} from './alerts.ts';
import { fillMetrics } from './app/fill-metrics.ts';
import { pruneMetrics } from './app/prune-metrics.ts';
import { apiKey, apiKeys, apiKeyUsed, putApiKey, revokeApiKey } from './api-keys.ts';
import { audience, reportAudience } from './audience.ts';
import { appendAudit, auditEntries } from './audit.ts';
import { connect } from './connect.ts';
import { addMoments, history } from './history.ts';
import { costsOf, setCosts, spentBy, spentOf } from './costs.ts';
import type { DatabaseUrl } from './database-url.ts';
import { asStoreError } from './errors.ts';
import { findDatabaseLayout, type DatabaseLayout } from './layout.ts';
import { liveNumbers, setLiveNumbers } from './live-numbers.ts';
import { metrics } from './metrics.ts';
import { migrationStatus, requireThisVersion } from './migrate.ts';
import { keptSince } from './partitions.ts';
import { announce, announced, messageDelivered, pruneMessages, waitingMessages } from './outbox.ts';
import { addQoe, exchangeQoePlayers, qoe } from './qoe.ts';
import { projectChannels } from './projection.ts';
import { defaultRetention, type Retention } from './retention.ts';
import { addSamples, latestSamples } from './samples.ts';
import { latestServiceHours, serviceSums, setServiceHours } from './service-hours.ts';
import type { LeftOutRow, Store } from './store.ts';
import type { Tables } from './tables.ts';
import { upkeep } from './upkeep.ts';

/** Live numbers that took longer would be out of date. */
const LIVE_STATEMENT_TIMEOUT_MS = 2_000;

export interface StoreOptions {
  readonly url: DatabaseUrl;
  /** Maximum number of connections; default 4. Upkeep and live numbers have one more each, which are separate. */
  readonly poolSize?: number;
  /** Timeout of connecting; default 5 s. */
  readonly connectTimeoutMs?: number;
  /** Timeout of a statement; default 10 s. The timeout of upkeep's statements is six times that. */
  readonly statementTimeoutMs?: number;
  /** The namespace whose channels are in the app's tables. Without it, these are not written. */
  readonly appNamespace?: string | undefined;
  /** What upkeep drops; a process that does no upkeep needs none. */
  readonly retention?: Retention;
  /** Called when an idle connection broke, for the log. */
  readonly onBroken?: (error: Error) => void;
  /** Called for each row that is left out because its content cannot be stored, for the log. */
  readonly onLeftOut?: (row: LeftOutRow) => void;
}

/**
 * The store on PostgreSQL. Connects with the first call, so the database may become available later, and may be
 * unavailable for a time.
 */
export function openStore(options: StoreOptions): Store {
  return new PostgresStore(options);
}

class PostgresStore implements Store {
  readonly #db: Kysely<Tables>;
  /** For upkeep, whose few long statements must not make other calls wait for a connection. */
  readonly #slow: Kysely<Tables>;
  /** For live numbers, which are written and read every second: when the database is slow, nothing else waits for them. */
  readonly #live: Kysely<Tables>;
  readonly #retention: Retention;
  readonly #how: Pick<DatabaseLayout, 'appNamespace' | 'onLeftOut'>;
  readonly #leftOut = new Map<string, number>();
  #place: DatabaseLayout | undefined;

  constructor({
    url,
    poolSize = 4,
    connectTimeoutMs = 5_000,
    statementTimeoutMs = 10_000,
    appNamespace,
    retention = defaultRetention,
    onBroken,
    onLeftOut,
  }: StoreOptions) {
    const shared = { url, connectTimeoutMs, onBroken };
    this.#db = connect({ ...shared, poolSize, statementTimeoutMs });
    this.#slow = connect({ ...shared, poolSize: 1, statementTimeoutMs: 6 * statementTimeoutMs });
    this.#live = connect({
      ...shared,
      poolSize: 1,
      statementTimeoutMs: Math.min(statementTimeoutMs, LIVE_STATEMENT_TIMEOUT_MS),
    });
    this.#retention = retention;
    this.#how = {
      appNamespace,
      onLeftOut: (row) => {
        this.#leftOut.set(row.table, (this.#leftOut.get(row.table) ?? 0) + 1);
        onLeftOut?.(row);
      },
    };
  }

  leftOutRows(): ReadonlyMap<string, number> {
    return this.#leftOut;
  }

  async check(): Promise<void> {
    try {
      requireThisVersion(await migrationStatus(this.#db));
      this.#place = await findDatabaseLayout(this.#db, this.#how);
    } catch (error) {
      throw asStoreError('The database is not usable', error);
    }
  }

  setServiceHours: Store['setServiceHours'] = (hours) =>
    this.#do('Uptime could not be written', (place) => setServiceHours(place, hours));
  latestServiceHours: Store['latestServiceHours'] = (since) =>
    this.#do('Uptime could not be read', (place) => latestServiceHours(place, since));
  serviceSums: Store['serviceSums'] = (query) =>
    this.#do('Uptime could not be read', (place) => serviceSums(place, query));
  addSamples: Store['addSamples'] = (samples) =>
    this.#do('Samples could not be written', (place) => addSamples(place, samples));

  projectChannels: Store['projectChannels'] = async (rows, namespaces, kept) => {
    const unwritten = await this.#do('The table of channels could not be written', (place) =>
      projectChannels(place, rows, { namespaces, kept }),
    );
    // The app may have added a constraint, such as one of three modes.
    if (unwritten.refused.length > 0) this.#place = undefined;
    return unwritten;
  };

  fillMetrics: Store['fillMetrics'] = (request) =>
    this.#do("The app's table stream_metrics could not be filled", (place) => fillMetrics(place, request));

  pruneMetrics: Store['pruneMetrics'] = (now) =>
    this.#do("Old rows of the app's table stream_metrics could not be deleted", async (place) => {
      const { sampleDays } = this.#retention;
      if (sampleDays !== undefined) await pruneMetrics(place, keptSince(now, sampleDays));
    });

  setCosts: Store['setCosts'] = (entries) =>
    this.#do('Costs could not be written', (place) => setCosts(place, entries));

  costsOf: Store['costsOf'] = (query) =>
    this.#do('Costs could not be read', (place) => costsOf(place, query));

  addMoments: Store['addMoments'] = (moments) =>
    this.#do('The history of channels could not be written', (place) => addMoments(place, moments));
  history: Store['history'] = (query) =>
    this.#do('The history of a channel could not be read', (place) => history(place, query));
  spentBy: Store['spentBy'] = (namespace, channels) =>
    this.#do('Costs could not be read', (place) => spentBy(place, namespace, channels));
  spentOf: Store['spentOf'] = (query) =>
    this.#do('Costs could not be added up', (place) => spentOf(place, query));

  upkeep: Store['upkeep'] = (now) =>
    this.#do('Upkeep could not be done', (place) =>
      upkeep({ ...place, db: this.#slow.withSchema(place.schema) }, now, this.#retention),
    );

  raiseAlert: Store['raiseAlert'] = (alert) =>
    this.#do('An alert could not be written', (place) => raiseAlert(place, alert));

  resolveAlert: Store['resolveAlert'] = (subject, occasion, at) =>
    this.#do('An alert could not be resolved', (place) => resolveAlert(place, subject, occasion, at));

  resolveAlertOfKind: Store['resolveAlertOfKind'] = (subject, kind, at) =>
    this.#do('An alert could not be resolved', (place) => resolveAlertOfKind(place, subject, kind, at));

  openAlerts: Store['openAlerts'] = (namespaces, most) =>
    this.#do('Alerts could not be read', (place) => openAlerts(place, namespaces, most));

  alertChanges: Store['alertChanges'] = (namespace, after, most) =>
    this.#do('Alerts could not be read', (place) => alertChanges(place, namespace, after, most));

  undeliveredAlerts: Store['undeliveredAlerts'] = (most) =>
    this.#do('Alerts could not be read', (place) => undeliveredAlerts(place, most));

  alertDelivered: Store['alertDelivered'] = (alert, at) =>
    this.#do('An alert could not be recorded as delivered', (place) => alertDelivered(place, alert, at));

  alertGivenUp: Store['alertGivenUp'] = (id, at) =>
    this.#do('An alert could not be recorded as abandoned', (place) => alertGivenUp(place, id, at));

  announced: Store['announced'] = (namespaces) =>
    this.#do('What was announced could not be read', (place) => announced(place, namespaces));

  announce: Store['announce'] = (announcements, at) =>
    this.#do('Messages could not be written', (place) => announce(place, announcements, at));

  waitingMessages: Store['waitingMessages'] = (most) =>
    this.#do('Messages could not be read', (place) => waitingMessages(place, most));

  messageDelivered: Store['messageDelivered'] = (id) =>
    this.#do('A message could not be recorded as delivered', (place) => messageDelivered(place, id));

  pruneMessages: Store['pruneMessages'] = (before, most) =>
    this.#do('Messages could not be deleted', (place) => pruneMessages(place, before, most));

  audience: Store['audience'] = (since) =>
    this.#do('The audience could not be read', (place) => audience(place, since));

  reportAudience: Store['reportAudience'] = (key, agoraViewers, at) =>
    this.#do('The audience could not be written', (place) => reportAudience(place, key, agoraViewers, at));

  agoraAudience: Store['agoraAudience'] = (since, relays = []) =>
    this.#do('Members of Agora channels could not be read', (place) => agoraAudience(place, since, relays));

  addAgoraEvents: Store['addAgoraEvents'] = (events, heardAt) =>
    this.#do('Events of Agora channels could not be written', (place) =>
      addAgoraEvents(place, events, heardAt),
    );

  agoraChannelDestroyed: Store['agoraChannelDestroyed'] = (key, at) =>
    this.#do('The end of an Agora channel could not be written', (place) =>
      agoraChannelDestroyed(place, key, at),
    );

  latestSamples: Store['latestSamples'] = (namespace, since) =>
    this.#do('Samples could not be read', (place) => latestSamples(place, namespace, since));

  setLiveNumbers: Store['setLiveNumbers'] = (rows) =>
    this.#do('Live numbers could not be written', (place) => setLiveNumbers(this.#lively(place), rows));

  liveNumbers: Store['liveNumbers'] = (namespace) =>
    this.#do('Live numbers could not be read', (place) => liveNumbers(this.#lively(place), namespace));

  metrics: Store['metrics'] = (query) =>
    this.#do('Metrics could not be read', (place) => metrics(place, query));

  addQoe: Store['addQoe'] = (batch) =>
    this.#do('The quality of playback could not be written', (place) => addQoe(place, batch));

  qoe: Store['qoe'] = (query) =>
    this.#do('The quality of playback could not be read', (place) => qoe(place, query));

  exchangeQoePlayers: Store['exchangeQoePlayers'] = (namespace, replica, own) =>
    this.#do('Numbers of players could not be exchanged', (place) =>
      exchangeQoePlayers(place, namespace, replica, own),
    );

  alerts: Store['alerts'] = (query) => this.#do('Alerts could not be read', (place) => alerts(place, query));

  putApiKey: Store['putApiKey'] = (key) =>
    this.#do('The API key could not be written', (place) => putApiKey(place, key));

  apiKey: Store['apiKey'] = (id) => this.#do('The API key could not be read', (place) => apiKey(place, id));

  apiKeys: Store['apiKeys'] = () => this.#do('The API keys could not be read', apiKeys);

  revokeApiKey: Store['revokeApiKey'] = (id, at) =>
    this.#do('The API key could not be revoked', (place) => revokeApiKey(place, id, at));

  apiKeyUsed: Store['apiKeyUsed'] = (id, at) =>
    this.#do('The use of the API key could not be written', (place) => apiKeyUsed(place, id, at));

  appendAudit: Store['appendAudit'] = (entries) =>
    this.#do('The audit log could not be written', (place) => appendAudit(place, entries));

  auditEntries: Store['auditEntries'] = (query) =>
    this.#do('The audit log could not be read', (place) => auditEntries(place, query));

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#db.destroy(), this.#slow.destroy(), this.#live.destroy()]);
  }

  #lively(place: DatabaseLayout): DatabaseLayout {
    return { ...place, db: this.#live.withSchema(place.schema) };
  }

  async #do<T>(doing: string, work: (place: DatabaseLayout) => Promise<T>): Promise<T> {
    try {
      this.#place ??= await findDatabaseLayout(this.#db, this.#how);
      return await work(this.#place);
    } catch (error) {
      // A table may have been relocated or changed: the next call reads the layout again.
      this.#place = undefined;
      throw asStoreError(doing, error);
    }
  }
}
