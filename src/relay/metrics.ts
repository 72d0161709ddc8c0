import { Counter, Gauge, Registry } from 'prom-client';
import { relayStates } from '../api/relay-contract.ts';
import type { Supervisor } from './supervisor.ts';

const PREFIX = 'livechannel_relay_';

/** Every metric of the relay. docs/reference/metrics.md is generated from it. */
export const metricDefinitions = [
  {
    name: `${PREFIX}state`,
    type: 'gauge',
    help: '1 for the state that the relay is in, 0 for the others.',
    labels: ['state'],
  },
  { name: `${PREFIX}live`, type: 'gauge', help: '1 while the ingest takes media.', labels: [] },
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
  { name: `${PREFIX}frame_rate`, type: 'gauge', help: 'Pictures per second from the host.', labels: [] },
  {
    name: `${PREFIX}key_frame_interval_seconds`,
    type: 'gauge',
    help: 'Between the last two key frames.',
    labels: [],
  },
  {
    name: `${PREFIX}av_offset_seconds`,
    type: 'gauge',
    help: 'Sound against picture in what was sent last; positive when sound is ahead.',
    labels: [],
  },
  {
    name: `${PREFIX}last_accepted_age_seconds`,
    type: 'gauge',
    help: 'Since the ingest last took bytes in this session.',
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
    name: `${PREFIX}key_frames_total`,
    type: 'counter',
    help: 'Key frames received from the host.',
    labels: [],
  },
  {
    name: `${PREFIX}dropped_frames_total`,
    type: 'counter',
    help: 'Pictures dropped because the ingest was too slow.',
    labels: [],
  },
  { name: `${PREFIX}out_bytes_total`, type: 'counter', help: 'Bytes taken by the ingest.', labels: [] },
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
  for (const state of relayStates) put('state', state === report.state ? 1 : 0, { state });
  put('live', report.state === 'live' ? 1 : 0);
  put('in_bitrate_bps', report.inBitrateKbps * 1_000);
  put('out_bitrate_bps', report.outBitrateKbps * 1_000);
  put('frame_rate', report.frameRate);
  put('key_frame_interval_seconds', report.keyFrameIntervalSeconds);
  put('av_offset_seconds', report.avOffsetMs === null ? null : report.avOffsetMs / 1_000);
  put('last_accepted_age_seconds', ageSeconds(report.lastAcceptedAt, date));
  put('video_frames_total', counters.videoFrames);
  put('audio_packets_total', counters.audioPackets);
  put('key_frames_total', counters.keyFrames);
  put('dropped_frames_total', counters.droppedFrames);
  put('out_bytes_total', counters.outBytes);
  for (const [name, count] of Object.entries(report.restarts)) {
    const [part = '', reason = ''] = name.split('/');
    put('restarts_total', count, { part, reason });
  }
  return registry.metrics();
}

function ageSeconds(time: string | null, date: Date): number | null {
  return time === null ? null : (date.getTime() - Date.parse(time)) / 1_000;
}
