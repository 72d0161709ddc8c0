import { Counter, Gauge, Registry } from 'prom-client';
import { dropReasons, videoOutputs, relayStates } from '../api/relay-contract.ts';
import type { Supervisor } from './supervisor.ts';

const PREFIX = 'livechannel_relay_';
const healths = ['good', 'fair', 'poor'] as const;

/** Every metric of the relay. docs/reference/metrics.md is generated from it. */
export const metricDefinitions = [
  {
    name: `${PREFIX}state`,
    type: 'gauge',
    help: '1 for the state that the relay is in, 0 for the others.',
    labels: ['state'],
  },
  {
    name: `${PREFIX}state_seconds_total`,
    type: 'counter',
    help: 'Time spent in each state.',
    labels: ['state'],
  },
  {
    name: `${PREFIX}live`,
    type: 'gauge',
    help: '1 while the ingest takes media.',
    labels: [],
  },
  {
    name: `${PREFIX}standby`,
    type: 'gauge',
    help: '1 while the relay stands by: ready, and not to push.',
    labels: [],
  },
  {
    name: `${PREFIX}transcoding`,
    type: 'gauge',
    help: '1 while the pictures are encoded again, 0 while they are passed on.',
    labels: [],
  },
  {
    name: `${PREFIX}video_output`,
    type: 'gauge',
    help: '1 for what viewers see: the host (live), a picture in its place (held), or nothing (none).',
    labels: ['output'],
  },
  {
    name: `${PREFIX}health`,
    type: 'gauge',
    help: '1 for the health that the relay judges itself to have, 0 for the others.',
    labels: ['health'],
  },
  {
    name: `${PREFIX}in_bitrate_bps`,
    type: 'gauge',
    help: 'Media from the host, bits per second.',
    labels: [],
  },
  {
    name: `${PREFIX}out_bitrate_bps`,
    type: 'gauge',
    help: 'Taken by the ingest, bits per second.',
    labels: [],
  },
  {
    name: `${PREFIX}frame_rate`,
    type: 'gauge',
    help: 'Pictures per second from the host.',
    labels: [],
  },
  {
    name: `${PREFIX}keyframe_interval_seconds`,
    type: 'gauge',
    help: 'Between the last two keyframes.',
    labels: [],
  },
  {
    name: `${PREFIX}av_offset_seconds`,
    type: 'gauge',
    help: 'Sound against picture in what was sent last; positive when sound is ahead.',
    labels: [],
  },
  {
    name: `${PREFIX}lag_seconds`,
    type: 'gauge',
    help: 'Age of the oldest media that the ingest has not acknowledged.',
    labels: [],
  },
  {
    name: `${PREFIX}last_accepted_age_seconds`,
    type: 'gauge',
    help: 'Since the ingest last took bytes in this session.',
    labels: [],
  },
  {
    name: `${PREFIX}packet_loss_ratio`,
    type: 'gauge',
    help: "Part of the host's packets that were lost on the way from Agora in the last seconds.",
    labels: [],
  },
  {
    name: `${PREFIX}jitter_seconds`,
    type: 'gauge',
    help: "Of the host's picture on the way from Agora.",
    labels: [],
  },
  {
    name: `${PREFIX}memory_bytes`,
    type: 'gauge',
    help: 'Working set of the container.',
    labels: [],
  },
  {
    name: `${PREFIX}video_frames_total`,
    type: 'counter',
    help: 'Pictures received from the host.',
    labels: [],
  },
  {
    name: `${PREFIX}audio_packets_total`,
    type: 'counter',
    help: 'Sound packets received from the host.',
    labels: [],
  },
  {
    name: `${PREFIX}keyframes_total`,
    type: 'counter',
    help: 'Keyframes received from the host.',
    labels: [],
  },
  {
    name: `${PREFIX}keyframe_requests_total`,
    type: 'counter',
    help: 'Keyframes asked of the host.',
    labels: [],
  },
  {
    name: `${PREFIX}video_frames_sent_total`,
    type: 'counter',
    help: 'Pictures handed to the encoder or multiplexer, held ones included.',
    labels: [],
  },
  {
    name: `${PREFIX}dropped_frames_total`,
    type: 'counter',
    help: 'Pictures that were not passed on, by reason.',
    labels: ['reason'],
  },
  {
    name: `${PREFIX}out_bytes_total`,
    type: 'counter',
    help: 'Bytes taken by the ingest.',
    labels: [],
  },
  {
    name: `${PREFIX}sessions_total`,
    type: 'counter',
    help: 'RTMP sessions begun.',
    labels: [],
  },
  {
    name: `${PREFIX}restarts_total`,
    type: 'counter',
    help: 'Restarts inside the relay, by part and reason.',
    labels: ['part', 'reason'],
  },
] as const;

/** The answer to GET /metrics: made from the relay's report at each scrape, so that nothing is counted twice. */
export async function renderMetrics(
  relay: Pick<Supervisor, 'report' | 'counters'>,
  date: Date,
): Promise<string> {
  const registry = new Registry();
  const metrics = new Map<string, Gauge | Counter>();
  for (const { name, type, help, labels } of metricDefinitions) {
    const options = { name, help, labelNames: [...labels], registers: [registry] };
    metrics.set(name, type === 'gauge' ? new Gauge(options) : new Counter(options));
  }
  const put = (name: string, value: number | null, labels: Record<string, string> = {}): void => {
    if (value !== null) metrics.get(`${PREFIX}${name}`)?.inc(labels, value);
  };
  const report = relay.report();
  const counters = relay.counters();
  for (const state of relayStates) {
    put('state', state === report.state ? 1 : 0, { state });
    put('state_seconds_total', report.secondsInState[state] ?? 0, { state });
  }
  for (const output of videoOutputs) put('video_output', output === report.videoOutput ? 1 : 0, { output });
  for (const health of healths) put('health', health === report.health ? 1 : 0, { health });
  for (const reason of dropReasons) put('dropped_frames_total', report.framesDropped[reason], { reason });
  put('live', report.state === 'live' ? 1 : 0);
  put('standby', report.standby ? 1 : 0);
  put('transcoding', report.mode === 'transcode' ? 1 : 0);
  put('in_bitrate_bps', report.inBitrateKbps * 1_000);
  put('out_bitrate_bps', report.outBitrateKbps * 1_000);
  put('frame_rate', report.frameRate);
  put('keyframe_interval_seconds', report.keyframeIntervalSeconds);
  put('av_offset_seconds', scaled(report.avOffsetMs, 1 / 1_000));
  put('lag_seconds', scaled(report.lagMs, 1 / 1_000));
  put('last_accepted_age_seconds', ageSeconds(report.lastAcceptedAt, date));
  put('packet_loss_ratio', scaled(report.packetLossPercent, 1 / 100));
  put('jitter_seconds', scaled(report.jitterMs, 1 / 1_000));
  put('memory_bytes', scaled(report.memoryMiB, 1_024 * 1_024));
  put('video_frames_total', counters.videoFrames);
  put('audio_packets_total', counters.audioPackets);
  put('keyframes_total', counters.keyframes);
  put('keyframe_requests_total', counters.keyframeRequests);
  put('video_frames_sent_total', counters.videoFramesSent);
  put('out_bytes_total', counters.outBytes);
  put('sessions_total', counters.sessions);
  for (const [name, count] of Object.entries(report.restarts)) {
    const [part = '', reason = ''] = name.split('/');
    put('restarts_total', count, { part, reason });
  }
  return registry.metrics();
}

const scaled = (value: number | null, by: number): number | null => (value === null ? null : value * by);

function ageSeconds(time: string | null, date: Date): number | null {
  return time === null ? null : (date.getTime() - Date.parse(time)) / 1_000;
}
