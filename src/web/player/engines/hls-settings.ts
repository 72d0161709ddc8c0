import type { HlsConfig } from 'hls.js';

/** Throughput that is assumed before the first segment, in bit/s. hls.js assumes 500 kbit/s, and begins with the lowest level. */
const ASSUMED_BANDWIDTH = 1_500_000;

/** Target distance to the end of the playlist, in target durations, for playlists without parts. */
const STANDARD_SYNC_COUNT = 2;
/** Distance from which hls.js jumps to the live edge, in target durations. */
const MAX_LATENCY_COUNT = { standard: 6, lowLatency: 4 } as const;
/** Catch-up that listeners do not notice. */
const CATCH_UP_RATE = { standard: 1.05, lowLatency: 1.1 } as const;

/** Retries within hls.js. They have no jitter, so they are short; the supervisor does the rest. */
const quick = { retryDelayMs: 500, maxRetryDelayMs: 2_000 } as const;

export interface SettingsOptions {
  readonly bandwidth: number | undefined;
  /** Whether the browser can change the rate of playback without a gap: Safari pauses and plays. */
  readonly catchUp: boolean;
  /** Whether the playlist that is playing has parts (EXT-X-SERVER-CONTROL:PART-HOLD-BACK). */
  readonly hasParts: () => boolean;
}

/**
 * Settings of hls.js for live streams. What is not named keeps its default; `liveMaxUnchangedPlaylistRefresh` must: with
 * a limit, a stream of one level that stalls for some seconds is never loaded again.
 */
export function hlsSettings({ bandwidth, catchUp, hasParts }: SettingsOptions): Partial<HlsConfig> {
  return {
    // Also for playlists without parts: false would disable catch-up.
    lowLatencyMode: true,
    // hls.js prefers this to the hold-back that a low-latency playlist requests, and reads it each time.
    get liveSyncDurationCount() {
      return hasParts() ? 0 : STANDARD_SYNC_COUNT;
    },
    liveMaxLatencyDurationCount: MAX_LATENCY_COUNT.standard,
    liveSyncOnStallIncrease: 1,
    maxLiveSyncPlaybackRate: catchUp ? CATCH_UP_RATE.standard : 1,
    backBufferLength: 30,
    maxBufferLength: 20,
    maxMaxBufferLength: 30,
    capLevelToPlayerSize: true,
    capLevelOnFPSDrop: true,
    abrEwmaDefaultEstimate: bandwidth ?? ASSUMED_BANDWIDTH,
    testBandwidth: true,
    enableInterstitialPlayback: false,
    liveDurationInfinity: true,
    // A level with one failed request is used again after this.
    errorPenaltyExpireMs: 30_000,
    manifestLoadPolicy: {
      default: {
        maxTimeToFirstByteMs: 8_000,
        maxLoadTimeMs: 10_000,
        timeoutRetry: { maxNumRetry: 1, retryDelayMs: 0, maxRetryDelayMs: 0 },
        errorRetry: { maxNumRetry: 1, ...quick },
      },
    },
    playlistLoadPolicy: {
      default: {
        maxTimeToFirstByteMs: 8_000,
        maxLoadTimeMs: 10_000,
        timeoutRetry: { maxNumRetry: 2, retryDelayMs: 0, maxRetryDelayMs: 0 },
        // Some 13 s: with the default of 2 retries, an outage of 3 s is fatal.
        errorRetry: { maxNumRetry: 8, ...quick },
      },
    },
    fragLoadPolicy: {
      default: {
        maxTimeToFirstByteMs: 8_000,
        maxLoadTimeMs: 10_000,
        timeoutRetry: { maxNumRetry: 2, retryDelayMs: 0, maxRetryDelayMs: 0 },
        errorRetry: { maxNumRetry: 4, ...quick },
      },
    },
  };
}

/** Adjusts a running hls.js to a playlist with parts. */
export function adjustToParts(config: HlsConfig, catchUp: boolean): void {
  config.liveMaxLatencyDurationCount = MAX_LATENCY_COUNT.lowLatency;
  config.maxLiveSyncPlaybackRate = catchUp ? CATCH_UP_RATE.lowLatency : 1;
}
