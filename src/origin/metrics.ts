import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export interface StreamFigures {
  readonly id: string;
  readonly live: boolean;
  readonly viewers: number;
  readonly ingestBitrateKbps: number;
}

/** The origin's metrics. Figures per stream are read when Prometheus asks. */
export class OriginMetrics {
  readonly registry = new Registry();
  readonly publishes: Counter<'result'>;
  readonly takeovers: Counter;
  readonly packagerRestarts: Counter;
  readonly processRestarts: Counter<'process'>;
  readonly firstSegment: Histogram;

  constructor(streams: () => readonly StreamFigures[]) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.publishes = new Counter({
      name: 'livechannel_origin_publishes_total',
      help: 'Publishers that came, by what became of them: accepted, refused (unknown key), outranked (by priority), superseded.',
      labelNames: ['result'],
      registers,
    });
    this.takeovers = new Counter({
      name: 'livechannel_origin_takeovers_total',
      help: 'Publishers that were dropped because another one came for the same stream.',
      registers,
    });
    this.packagerRestarts = new Counter({
      name: 'livechannel_origin_packager_restarts_total',
      help: 'FFmpeg packagers that ended while their publisher was on.',
      registers,
    });
    this.processRestarts = new Counter({
      name: 'livechannel_origin_process_restarts_total',
      help: 'nginx processes (media, front) that ended by themselves.',
      labelNames: ['process'],
      registers,
    });
    this.firstSegment = new Histogram({
      name: 'livechannel_origin_first_segment_seconds',
      help: 'From the acceptance of a publisher to its first segment in the playlist.',
      buckets: [1, 2, 2.5, 3, 4, 6, 10, 20],
      registers,
    });
    const gauge = (name: string, help: string, value: (stream: StreamFigures) => number): void => {
      new Gauge({
        name,
        help,
        labelNames: ['stream'],
        registers,
        collect() {
          this.reset();
          for (const stream of streams()) this.set({ stream: stream.id }, value(stream));
        },
      });
    };
    gauge('livechannel_origin_stream_live', '1 while media arrives.', ({ live }) => (live ? 1 : 0));
    gauge('livechannel_origin_stream_viewers', 'Players of the last 15 seconds.', ({ viewers }) => viewers);
    gauge(
      'livechannel_origin_stream_ingest_bitrate_bps',
      'Bitrate of what arrives.',
      (one) => one.ingestBitrateKbps * 1_000,
    );
  }
}
