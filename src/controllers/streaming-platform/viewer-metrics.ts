import { Gauge, type Registry } from 'prom-client';
import type { ObservedStream, StreamAnalytics, StreamId } from '../../platforms/platform.ts';

type Labels = 'namespace' | 'channel' | 'platform';
const labels: readonly Labels[] = ['namespace', 'channel', 'platform'];

/** docs/reference/metrics.md is generated from them. */
export const viewerMetricDefinitions = [
  {
    name: 'livechannel_viewers',
    type: 'gauge',
    help: 'Number of HLS viewers of a live channel, as counted by its platform. Absent if the platform does not count them.',
    labels,
  },
  {
    name: 'livechannel_platform_ingest_bitrate_bps',
    type: 'gauge',
    help: 'Bitrate in bits per second that the platform reports for a live channel. Absent if the platform does not report it.',
    labels,
  },
] as const;

/** Exports viewers and ingest bitrate of live channels, as of the last check of their platforms. */
export class ViewerMetrics {
  readonly #byPlatform = new Map<
    string,
    readonly { readonly labels: Record<Labels, string>; readonly analytics: StreamAnalytics }[]
  >();

  constructor(registry: Registry) {
    const [viewers, bitrate] = viewerMetricDefinitions;
    this.#gauge(registry, viewers, ({ viewers: value }) => value);
    this.#gauge(registry, bitrate, ({ ingestBitrateKbps }) =>
      ingestBitrateKbps === undefined ? undefined : ingestBitrateKbps * 1_000,
    );
  }

  /** Replaces the analytics of the platform. Streams of other owners are ignored. */
  note(
    platform: string,
    streams: readonly ObservedStream[],
    analytics: ReadonlyMap<StreamId, StreamAnalytics>,
  ): void {
    this.#byPlatform.set(
      platform,
      streams.flatMap(({ id, owner }) => {
        const latest = analytics.get(id);
        if (latest === undefined || owner?.platform !== platform) return [];
        const [namespace = '', channel = ''] = owner.channel.split('/');
        return [{ labels: { namespace, channel, platform }, analytics: latest }];
      }),
    );
  }

  forget(platform: string): void {
    this.#byPlatform.delete(platform);
  }

  #gauge(
    registry: Registry,
    { name, help }: (typeof viewerMetricDefinitions)[number],
    valueOf: (analytics: StreamAnalytics) => number | undefined,
  ): void {
    const all = this.#byPlatform;
    new Gauge({
      name,
      help,
      labelNames: labels,
      registers: [registry],
      collect() {
        this.reset();
        for (const each of [...all.values()].flat()) {
          const value = valueOf(each.analytics);
          if (value !== undefined) this.set(each.labels, value);
        }
      },
    });
  }
}
