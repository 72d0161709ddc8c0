import type { RelayReport } from '../api/relay-contract.ts';

/** Measurements from which the health of a relay is judged. */
export interface HealthInput {
  readonly live: boolean;
  readonly videoOutput: RelayReport['videoOutput'];
  /** For how long a held frame has replaced the host's video although the host publishes video, in milliseconds. */
  readonly missingMs: number;
  /** Time since the last restart of a part, in milliseconds; undefined: there was none. */
  readonly faultAgeMs: number | undefined;
  readonly packetLossPercent: number | undefined;
  readonly lagMs: number;
  readonly avOffsetMs: number | null;
  readonly keyframeIntervalSeconds: number | null;
  readonly askedKeyframeSeconds: number;
  /** Share of the time during which a CPU limit throttled the relay, and the delay of its timer. */
  readonly throttled: number | undefined;
  readonly lateMs: number;
  /** See congestionMessage; empty without congestion. */
  readonly congestion: string;
}

/** Health of the relay, with the reasons. */
export interface Health {
  readonly health: RelayReport['health'];
  /** Empty when the health is good. */
  readonly why: string;
}

/** How long a restart affects the health. */
const RESTART_AFFECTS_HEALTH_MS = 60_000;
const MAX_MISSING_MS = 10_000;
const MAX_LOSS_PERCENT = 2;
const MAX_LAG_MS = 1_500;
/** ITU-R BT.1359: from these offsets on, most people notice audio that is early, or late. */
const MAX_AUDIO_EARLY_MS = 45;
const MAX_AUDIO_LATE_MS = 125;
export const MAX_THROTTLED_SHARE = 0.25;
const MAX_TIMER_DELAY_MS = 300;

/**
 * poor: viewers do not see what they should see. fair: they do, but something is wrong. good: everything else. An
 * absent host is not a fault of the relay: its last frame is held, and the health is good.
 */
export function judgeHealth(input: HealthInput): Health {
  if (!input.live) return { health: 'poor', why: 'The ingest accepts no media.' };
  if (input.missingMs > MAX_MISSING_MS)
    return { health: 'poor', why: 'The host publishes video, but viewers see an old frame.' };
  const why = troubles(input).join(' ');
  return { health: why === '' ? 'good' : 'fair', why };
}

function troubles(input: HealthInput): string[] {
  const { faultAgeMs, packetLossPercent, lagMs, avOffsetMs, keyframeIntervalSeconds, throttled, lateMs } =
    input;
  const found: string[] = [];
  if (faultAgeMs !== undefined && faultAgeMs <= RESTART_AFFECTS_HEALTH_MS)
    found.push('A part was restarted within the last minute.');
  if ((packetLossPercent ?? 0) > MAX_LOSS_PERCENT)
    found.push(`Packet loss from Agora is ${(packetLossPercent ?? 0).toFixed(1)}%.`);
  if (input.congestion !== '') found.push(input.congestion);
  else if (lagMs > MAX_LAG_MS) found.push(`The ingest is ${(lagMs / 1_000).toFixed(1)} s behind.`);
  if (
    input.videoOutput === 'live' &&
    avOffsetMs !== null &&
    (avOffsetMs > MAX_AUDIO_EARLY_MS || avOffsetMs < -MAX_AUDIO_LATE_MS)
  )
    found.push(`Audio is ${Math.abs(Math.round(avOffsetMs))} ms ${avOffsetMs > 0 ? 'early' : 'late'}.`);
  if (input.videoOutput === 'live' && (keyframeIntervalSeconds ?? 0) > 2 * input.askedKeyframeSeconds + 1)
    found.push(`Keyframes arrive every ${(keyframeIntervalSeconds ?? 0).toFixed(1)} s.`);
  if ((throttled ?? 0) > MAX_THROTTLED_SHARE) found.push('CPUThrottled: the CPU limit throttles the relay.');
  else if (lateMs > MAX_TIMER_DELAY_MS) found.push('CPUThrottled: the relay receives CPU time late.');
  return found;
}
