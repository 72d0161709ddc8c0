import { channelIdOf } from '../../../api/channel-id.ts';
import type { LiveChannel } from '../../../api/live-channel.ts';
import type { QoeAnswer, QoeQuery, QoeReport, QoeView } from '../../contract/qoe.ts';
import type { PlayerMetrics } from '../metrics.ts';
import { QoePlayers, type PlayerCounts } from './qoe-players.ts';
import { QoeRecords, type QoeRecordsParts } from './qoe-records.ts';
import { sumsOf } from './qoe-sums.ts';
import { qoePeriod, qoeView } from './qoe-view.ts';

/** Where a metric has no platform: the channel has no stream now. */
const NO_PLATFORM = '';

/** Adds reports of players to the records and the metrics. A report itself is not kept, nor who sent it. */
export class QoeRecorder {
  readonly #metrics: PlayerMetrics;
  readonly #clock: QoeRecordsParts['clock'];
  readonly #players: QoePlayers;
  readonly #records: QoeRecords;

  constructor(metrics: PlayerMetrics, parts: Omit<QoeRecordsParts, 'players'>) {
    this.#metrics = metrics;
    this.#clock = parts.clock;
    this.#players = new QoePlayers(parts.clock);
    this.#records = new QoeRecords({ ...parts, players: () => this.#players.all() });
  }

  /** @throws ApiProblem too-many-requests */
  add(id: string, { status }: Pick<LiveChannel, 'status'>, report: QoeReport): QoeAnswer {
    const found = status?.streamingPlatform;
    const { browser } = report.ua;
    const standing = this.#players.receive(id, report);
    if (standing !== undefined) {
      const sums = sumsOf(report, standing);
      this.#records.add({ channelId: id, platform: found, browser }, sums);
      const { startup, latency, playing, stalled, fatal } = this.#metrics;
      const platform = found ?? NO_PLATFORM;
      const labels = { platform, browser };
      playing.inc(labels, sums.playing);
      stalled.inc(labels, sums.stalled);
      if (report.fatal !== undefined) fatal.inc(labels);
      // Histograms have no weights: players of a sample count once.
      if (standing.weight > 0 && report.ttff !== undefined) startup.observe(labels, report.ttff);
      if (standing.weight > 0 && report.lat50 !== undefined) latency.observe({ platform }, report.lat50);
    }
    return { sampleRate: this.#players.sampleRate(id, this.#records.elsewhere(id)?.connected ?? 0) };
  }

  /** @throws ApiProblem invalid-request; StoreError */
  async view(id: string, query: QoeQuery): Promise<QoeView> {
    const period = qoePeriod(query, this.#clock.now());
    const rows = await this.#records.rows(id, period);
    const elsewhere = this.#records.elsewhere(id);
    const sampleRate = this.#players.sampleRate(id, elsewhere?.connected ?? 0);
    const counts = countsView(this.#players.countsOf(id), elsewhere, rows.length > 0);
    return {
      ...{ ...qoeView(rows, period), connected: counts.connected, watching: counts.watching },
      counts: { ageSeconds: counts.ageSeconds, estimated: sampleRate < 1, sampleRate },
    };
  }

  forget({ metadata }: Pick<LiveChannel, 'metadata'>): void {
    this.#players.forget(channelIdOf(metadata));
    this.#records.forget(channelIdOf(metadata));
  }

  /** For the gauge of players: channels that exist, and players that report to this replica. */
  *players(channelOf: (id: string) => Pick<LiveChannel, 'metadata'> | undefined): Iterable<{
    readonly namespace: string;
    readonly channel: string;
    readonly connected: number;
    readonly watching: number;
  }> {
    for (const { channelId, connected, watching } of this.#players.all()) {
      const channel = channelOf(channelId);
      if (channel === undefined) continue;
      const { name, namespace = '' } = channel.metadata;
      yield { namespace, channel: name, connected: Math.round(connected), watching: Math.round(watching) };
    }
  }

  /** Writes to the database until `signal` aborts. */
  run(signal: AbortSignal): Promise<void> {
    return this.#records.run(signal);
  }
}

/**
 * Players of all replicas. null: unknown, because those of other replicas are, or because no player has reported, so that
 * the app's players may not report at all.
 */
function countsView(
  own: PlayerCounts,
  elsewhere: (PlayerCounts & { readonly ageSeconds: number }) | undefined,
  haveReported: boolean,
): Readonly<Record<'connected' | 'watching' | 'ageSeconds', number | null>> {
  const isKnown = elsewhere !== undefined && (haveReported || own.connected + elsewhere.connected > 0);
  if (!isKnown) return { connected: null, watching: null, ageSeconds: null };
  return {
    connected: Math.round(own.connected + elsewhere.connected),
    watching: Math.round(own.watching + elsewhere.watching),
    ageSeconds: Math.round(elsewhere.ageSeconds),
  };
}
