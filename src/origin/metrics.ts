import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { cutReasons, gateRefusals } from './limits.ts';

/** Current figures of one stream. */
export interface StreamFigures {
  readonly id: string;
  readonly live: boolean;
  readonly viewers: number;
  readonly ingestBitrateKbps: number;
  readonly deliveredBytes?: number | undefined;
}

/** What the metrics are read from when Prometheus scrapes. */
export interface MeasuredOrigin {
  readonly streams: () => readonly StreamFigures[];
  /** Number of connections to the ingest whose key was not accepted yet. */
  readonly unpublished: () => number;
}

/** The origin's metrics. The figures of the streams are read when Prometheus scrapes. */
export class OriginMetrics {
  readonly registry = new Registry();
  readonly publishes: Counter<'result'>;
  readonly takeovers: Counter;
  readonly packagerRestarts: Counter;
  readonly processRestarts: Counter<'process'>;
  readonly firstSegment: Histogram;
  readonly cuts: Counter<'reason'>;
  readonly ingestRefusals: Counter<'reason'>;
  readonly refusedRequests: Counter;

  constructor({ streams, unpublished }: MeasuredOrigin) {
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
    this.cuts = new Counter({
      name: 'livechannel_origin_publishers_cut_total',
      help: `Total number of publishers disconnected because they exceeded a limit, by reason: ${cutReasons.join(', ')}.`,
      labelNames: ['reason'],
      registers,
    });
    this.ingestRefusals = new Counter({
      name: 'livechannel_origin_ingest_refusals_total',
      help:
        'Total number of connections to the ingest that were closed before a key was accepted, by reason: late (no key ' +
        'in time), crowded (too many such connections) or malformed.',
      labelNames: ['reason'],
      registers,
    });
    this.refusedRequests = new Counter({
      name: 'livechannel_origin_requests_limited_total',
      help: 'Total number of HLS requests that were refused with 429, because their address has too many at a time.',
      registers,
    });
    new Gauge({
      name: 'livechannel_origin_ingest_unpublished_connections',
      help: 'Number of connections to the ingest whose key was not accepted yet.',
      registers,
      collect() {
        this.set(unpublished());
      },
    });
    for (const reason of cutReasons) this.cuts.inc({ reason }, 0);
    for (const reason of gateRefusals) this.ingestRefusals.inc({ reason }, 0);
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
