import type { Provider, StreamingPlatformSpec } from '../api/streaming-platform.ts';
import type { Latency } from '../api/values.ts';

/** How many seconds viewers on Agora are behind the host: 0.3 to 0.6 s (docs/performance.md). */
export const agoraLatencySeconds = 0.5;

/**
 * From the host's camera to the ingest, in seconds: as to a viewer on Agora, which the relay is, and 0.05 s in the relay
 * (docs/performance.md).
 */
const TO_INGEST_SECONDS = agoraLatencySeconds;

/**
 * From the ingest to the picture in an ordinary HLS player (hls.js, Safari), in seconds; the provider's own player may be
 * faster. A platform that refuses a mode has the figure of the other one.
 */
const fromIngestSeconds: Readonly<Record<Provider, Readonly<Record<Latency, number>>>> = {
  // Measured with keyframes every 2 s: 6.6 to 10 s. hls.js stays three segments behind the end of the playlist, and a
  // segment is in the playlist when it is complete.
  origin: { standard: 7.5, low: 7.5 },
  // Three to five segments of 2 s; not measured. Below 5 s only in the Amazon IVS Player, which `low` is meant for:
  // https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/player.html
  ivs: { standard: 9.5, low: 7.5 },
  // 10 to 30 s (https://blog.cloudflare.com/magic-hdmi-cable/, 2022); below 10 s in many cases, with a player that
  // supports LL-HLS (https://blog.cloudflare.com/low-latency-hls-support-for-cloudflare-stream/, 2023).
  cloudflare: { standard: 19.5, low: 8.5 },
  // Typically 25 to 30 s; `low` about 5 s with a player that supports LL-HLS, and with a steady network:
  // https://www.mux.com/docs/guides/reduce-live-stream-latency
  mux: { standard: 27, low: 6.5 },
  // Not known. Players of an ordinary playlist are 15 to 30 s behind.
  rtmp: { standard: 19.5, low: 19.5 },
};

/** Mux's third mode: 12 to 20 s, on the same page. It replaces `standard` of a StreamingPlatform. */
const MUX_REDUCED_SECONDS = 15.5;

/**
 * How many seconds viewers on HLS are behind the host, as an expectation in whole seconds. It is never 0: it is what an app
 * may show to its users before anything has been measured. Without a platform it is that of the slowest one.
 */
export function expectedLatencySeconds(
  platform: Pick<StreamingPlatformSpec, 'provider' | 'mux'> | undefined,
  latency: Latency,
): number {
  return Math.round(TO_INGEST_SECONDS + fromIngest(platform, latency));
}

function fromIngest(
  platform: Pick<StreamingPlatformSpec, 'provider' | 'mux'> | undefined,
  latency: Latency,
): number {
  if (platform === undefined)
    return Math.max(...Object.values(fromIngestSeconds).map((byMode) => byMode[latency]));
  const mode = latency === 'low' ? 'low' : (platform.mux?.latencyMode ?? 'standard');
  return mode === 'reduced' ? MUX_REDUCED_SECONDS : fromIngestSeconds[platform.provider][mode];
}
