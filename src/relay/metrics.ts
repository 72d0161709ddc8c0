import { Counter, Gauge, Registry } from 'prom-client';
import { dropReasons, relayStates } from '../api/relay-contract.ts';
import { congestionSteps, videoOutputs } from '../api/values.ts';
import type { Supervisor } from './supervisor.ts';
import { healths } from '../api/values.ts';

const PREFIX = 'livechannel_relay_';

/** Every metric of the relay. docs/reference/metrics.md is generated from it. */
export const metricDefinitions = [
  {
    name: `${PREFIX}state`,
    type: 'gauge',
    help: 'State of the relay: 1 for the current state, 0 for all others.',
    labels: ['state'],
  },
  {
    name: `${PREFIX}state_seconds_total`,
    type: 'counter',
    help: 'Total time in seconds spent in each state.',
    labels: ['state'],
  },
  {
    name: `${PREFIX}live`,
    type: 'gauge',
    help: 'Whether the ingest accepts media: 1 if it does, 0 otherwise.',
    labels: [],
  },
  {
    name: `${PREFIX}standby`,
    type: 'gauge',
    help: 'Whether the relay is a standby, which has joined the Agora channel and does not push: 1 if it is, 0 otherwise.',
    labels: [],
  },
  {
    name: `${PREFIX}transcoding`,
    type: 'gauge',
    help: 'Whether video is transcoded: 1 if it is, 0 if it is passed through.',
    labels: [],
  },
  {
    name: `${PREFIX}video_output`,
    type: 'gauge',
    help: 'What viewers see: the host (live), the last frame or the slate (held), or nothing (none). 1 for the current value, 0 for all others.',
    labels: ['output'],
  },
  {
    name: `${PREFIX}health`,
    type: 'gauge',
    help: 'Health of the relay in its own assessment: 1 for the current value, 0 for all others.',
    labels: ['health'],
  },
  {
    name: `${PREFIX}in_bitrate_bps`,
    type: 'gauge',
    help: 'Bitrate in bits per second of the media received from the host.',
    labels: [],
  },
  {
    name: `${PREFIX}out_bitrate_bps`,
    type: 'gauge',
    help: 'Bitrate in bits per second of the media accepted by the ingest.',
    labels: [],
  },
  {
    name: `${PREFIX}frame_rate`,
    type: 'gauge',
    help: 'Video frames per second received from the host.',
    labels: [],
  },
  {
    name: `${PREFIX}keyframe_interval_seconds`,
    type: 'gauge',
    help: 'Time in seconds between the last two keyframes received from the host.',
    labels: [],
  },
  {
    name: `${PREFIX}av_offset_seconds`,
    type: 'gauge',
    help: 'Offset in seconds between audio and video in the media sent; positive if audio is ahead.',
    labels: [],
  },
  {
    name: `${PREFIX}lag_seconds`,
    type: 'gauge',
    help: 'Age in seconds of the oldest media that the ingest has not acknowledged.',
    labels: [],
  },
  {
    name: `${PREFIX}last_accepted_age_seconds`,
    type: 'gauge',
    help: 'Time in seconds since the ingest last accepted bytes in the current RTMP session.',
    labels: [],
  },
  {
    name: `${PREFIX}packet_loss_ratio`,
    type: 'gauge',
    help: "Share of the host's packets lost between Agora and the relay over the last seconds, from 0 to 1.",
    labels: [],
  },
  {
    name: `${PREFIX}jitter_seconds`,
    type: 'gauge',
    help: "Jitter in seconds of the host's video between Agora and the relay.",
    labels: [],
  },
  {
    name: `${PREFIX}memory_bytes`,
    type: 'gauge',
    help: 'Working set of the container in bytes.',
    labels: [],
  },
  {
    name: `${PREFIX}video_frames_total`,
    type: 'counter',
    help: 'Total number of video frames received from the host.',
    labels: [],
  },
  {
    name: `${PREFIX}audio_packets_total`,
    type: 'counter',
    help: 'Total number of audio packets received from the host.',
    labels: [],
  },
  {
    name: `${PREFIX}keyframes_total`,
    type: 'counter',
    help: 'Total number of keyframes received from the host.',
    labels: [],
  },
  {
    name: `${PREFIX}keyframe_requests_total`,
    type: 'counter',
    help: 'Total number of keyframes requested from the host.',
    labels: [],
  },
  {
    name: `${PREFIX}video_frames_sent_total`,
    type: 'counter',
    help: 'Total number of video frames passed to the encoder or multiplexer, including repeated frames.',
    labels: [],
  },
  {
    name: `${PREFIX}dropped_frames_total`,
    type: 'counter',
    help: 'Total number of video frames dropped, by reason.',
    labels: ['reason'],
  },
  {
    name: `${PREFIX}out_bytes_total`,
    type: 'counter',
    help: 'Total number of bytes accepted by the ingest.',
    labels: [],
  },
  {
    name: `${PREFIX}congestion_step`,
    type: 'gauge',
    help: 'What is sent to an ingest that accepts less than the host sends: everything (full), the small stream of the host, a transcode, or what remains after dropping frames. 1 for the current value, 0 for all others.',
    labels: ['step'],
  },
  {
    name: `${PREFIX}congestion_steps_total`,
    type: 'counter',
    help: 'Total number of changes of what is sent because of a slow ingest, by direction: down or up.',
    labels: ['direction'],
  },
  {
    name: `${PREFIX}congestion_accepted_bitrate_bps`,
    type: 'gauge',
    help: 'Bitrate in bits per second that the ingest accepted when the relay last stepped down; absent at full quality.',
    labels: [],
  },
  {
    name: `${PREFIX}sessions_total`,
    type: 'counter',
    help: 'Total number of RTMP sessions started.',
    labels: [],
  },
  {
    name: `${PREFIX}restarts_total`,
    type: 'counter',
    help: 'Total number of restarts of parts inside the relay, by part and reason.',
    labels: ['part', 'reason'],
  },
] as const;

/** The response of GET /metrics, created from the relay's report at each scrape, so that nothing is counted twice. */
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
  const { congestion } = report;
  for (const step of congestionSteps) put('congestion_step', step === congestion?.step ? 1 : 0, { step });
  put('congestion_steps_total', congestion?.stepsDown ?? 0, { direction: 'down' });
  put('congestion_steps_total', congestion?.stepsUp ?? 0, { direction: 'up' });
  put('congestion_accepted_bitrate_bps', scaled(congestion?.acceptedKbps ?? null, 1_000));
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
