import type { RelayReport } from '../api/relay-contract.ts';

/** What the health of a relay is judged by. */
export interface HealthInput {
  readonly live: boolean;
  readonly videoOutput: RelayReport['videoOutput'];
  /** For how long something else has stood in for the host's video although the host publishes one. */
  readonly missingMs: number;
  /** Since the last part was restarted; undefined: none was. */
  readonly faultAgeMs: number | undefined;
  readonly packetLossPercent: number | undefined;
  readonly lagMs: number;
  readonly avOffsetMs: number | null;
  readonly keyframeIntervalSeconds: number | null;
  readonly askedKeyframeSeconds: number;
  /** Part of the time in which a CPU limit held the relay back, and how late its timer came. */
  readonly throttled: number | undefined;
  readonly lateMs: number;
}

export interface Health {
  readonly health: RelayReport['health'];
  /** Empty when it is good. */
  readonly why: string;
}

/** A fault leaves its mark for so long. */
const TROUBLE_MS = 60_000;
const MISSING_MS = 10_000;
const MOST_LOSS_PERCENT = 2;
const MOST_LAG_MS = 1_500;
/** ITU-R BT.1359: from here on most people notice sound that is early, or late. */
const SOUND_EARLY_MS = 45;
const SOUND_LATE_MS = 125;
const MOST_THROTTLED = 0.25;
const MOST_LATE_MS = 300;

/**
 * poor: viewers see nothing new that they should see. fair: they do, and something is not as it should be. good: the
 * rest. A host that is away is not the relay's fault: its video is held, and that is good.
 */
export function judgeHealth(input: HealthInput): Health {
  if (!input.live) return { health: 'poor', why: 'The ingest takes no media.' };
  if (input.missingMs > MISSING_MS)
    return { health: 'poor', why: 'The host publishes video, and viewers see an old frame.' };
  const why = troubles(input).join(' ');
  return { health: why === '' ? 'good' : 'fair', why };
}

function troubles(input: HealthInput): string[] {
  const { faultAgeMs, packetLossPercent, lagMs, avOffsetMs, keyframeIntervalSeconds, throttled, lateMs } =
    input;
  const found: string[] = [];
  if (faultAgeMs !== undefined && faultAgeMs <= TROUBLE_MS)
    found.push('A part was restarted within the last minute.');
  if ((packetLossPercent ?? 0) > MOST_LOSS_PERCENT)
    found.push(`${(packetLossPercent ?? 0).toFixed(1)} % of the packets from Agora are lost.`);
  if (lagMs > MOST_LAG_MS) found.push(`The ingest is ${(lagMs / 1_000).toFixed(1)} s behind.`);
  if (
    input.videoOutput === 'live' &&
    avOffsetMs !== null &&
    (avOffsetMs > SOUND_EARLY_MS || avOffsetMs < -SOUND_LATE_MS)
  )
    found.push(`Sound is ${Math.abs(Math.round(avOffsetMs))} ms ${avOffsetMs > 0 ? 'early' : 'late'}.`);
  if (input.videoOutput === 'live' && (keyframeIntervalSeconds ?? 0) > 2 * input.askedKeyframeSeconds + 1)
    found.push(`Keyframes come every ${(keyframeIntervalSeconds ?? 0).toFixed(1)} s.`);
  if ((throttled ?? 0) > MOST_THROTTLED) found.push('CPUThrottled: the CPU limit holds the relay back.');
  else if (lateMs > MOST_LATE_MS) found.push('CPUThrottled: the relay gets its processor time late.');
  return found;
}
