import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Current figures of one stream. */
export interface StreamFigures {
  readonly id: string;
  readonly live: boolean;
  readonly viewers: number;
  readonly ingestBitrateKbps: number;
  readonly deliveredBytes?: number | undefined;
}

/** The origin's metrics. The figures of the streams are read when Prometheus scrapes. */
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
      help: 'Total number of publish attempts, by result: accepted, refused (unknown key), outranked (by a higher priority) or superseded.',
      labelNames: ['result'],
      registers,
    });
    this.takeovers = new Counter({
      name: 'livechannel_origin_takeovers_total',
      help: 'Total number of publishers disconnected because another publisher replaced them.',
      registers,
    });
    this.packagerRestarts = new Counter({
      name: 'livechannel_origin_packager_restarts_total',
      help: 'Total number of FFmpeg packagers that exited while their publisher was connected.',
      registers,
    });
    this.processRestarts = new Counter({
      name: 'livechannel_origin_process_restarts_total',
      help: 'Total number of nginx processes that exited unexpectedly, by process: media or front.',
      labelNames: ['process'],
      registers,
    });
    this.firstSegment = new Histogram({
      name: 'livechannel_origin_first_segment_seconds',
      help: 'Time in seconds from accepting a publisher to its first segment in the playlist.',
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
    new Counter({
      name: 'livechannel_origin_stream_delivered_bytes_total',
      help: 'Total number of bytes of segments sent to viewers of the stream, since the origin started.',
      labelNames: ['stream'],
      registers,
      collect() {
        this.reset();
        for (const { id, deliveredBytes = 0 } of streams()) this.inc({ stream: id }, deliveredBytes);
      },
    });
    gauge(
      'livechannel_origin_stream_live',
      'Whether media arrives for the stream: 1 if it does, 0 otherwise.',
      ({ live }) => (live ? 1 : 0),
    );
    gauge(
      'livechannel_origin_stream_viewers',
      'Number of players that requested the stream within the last 15 seconds.',
      ({ viewers }) => viewers,
    );
    gauge(
      'livechannel_origin_stream_ingest_bitrate_bps',
      'Bitrate in bits per second of the media received for the stream.',
      (one) => one.ingestBitrateKbps * 1_000,
    );
  }
}
