import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { audioDelays, inspectMedia } from '../../fixtures/agora/decode.ts';
import { percentile } from '../numbers/statistics.ts';
import { firstTimestamp, flvFile, type MediaTag } from '../ingest/media-tag.ts';
import type { SentFrames } from '../host/sent-frames.ts';

export interface FrameFigures {
  readonly sent: number;
  /** Sent in the window and never received by the ingest. */
  readonly framesLost: number;
  /** From a frame's last packet at the edge to its last byte at the ingest, milliseconds. */
  readonly delayMsP50: number;
  readonly delayMsP99: number;
  /** Offset between audio and video at each beep, whichever is first, milliseconds. */
  readonly avOffsetMsP95: number;
  /** Median distance between keyframes. */
  readonly keyframeSeconds: number;
}

/** How long the video must be moving before and after a beep, and with what tolerance. */
const BESIDE_SECONDS = 0.2;
const STEADY_MS = 40;

/** Longest delay of a frame until the ingest. Later frames count as lost, because the loop's clock repeats. */
const LATEST_MS = 15_000;

/**
 * Reads the clock in every frame that arrived at the ingest and compares it with the time at which the host sent it.
 * This works for every path, whether it forwards frames or captures a screen.
 * `sessions`: the received media, by RTMP session. `from`, `to`: the window in which the host's frames count.
 */
export async function frameFigures(
  sessions: readonly (readonly MediaTag[])[],
  sent: SentFrames,
  from: number,
  to: number,
): Promise<FrameFigures> {
  const seen = new Map<number, number>();
  const offsets: number[] = [];
  for (const tags of sessions) {
    const media = await decode(tags);
    offsets.push(...audioDelays(media));
    const base = firstTimestamp(tags);
    const pictures = tags.filter(({ kind, isHeader }) => kind === 'video' && !isHeader);
    const arrivals = new Map(pictures.map(({ timestamp, at }) => [timestamp - base, at]));
    for (const { pts, clockMs } of media.clocks) {
      const at = arrivals.get(Math.round(pts * 1_000));
      const frame = at === undefined ? undefined : sent.byClock(clockMs, at);
      if (at === undefined || frame === undefined || at - frame.at > LATEST_MS) continue;
      // A path that captures a screen shows frames more than once: the first time counts.
      if (!seen.has(frame.index)) seen.set(frame.index, at - frame.at);
    }
  }
  const window = sent.between(from, to);
  const delays = window.flatMap(({ index }) => seen.get(index) ?? []);
  return {
    sent: window.length,
    framesLost: window.length - delays.length,
    delayMsP50: percentile(delays, 0.5),
    delayMsP99: percentile(delays, 0.99),
    avOffsetMsP95: percentile(offsets.map(Math.abs), 0.95),
    keyframeSeconds: keyframeSeconds(sessions.flat().filter(({ at }) => at >= from)),
  };
}

/**
 * How late the audio is relative to the video at each beep, milliseconds. Beeps during which the video stands still
 * (a held frame, or none) are left out because they have no meaning.
 */
export async function avOffsets(tags: readonly MediaTag[]): Promise<number[]> {
  const { clocks, beeps } = await decode(tags);
  const moves = (beep: number): boolean => {
    const beside = clocks.filter(({ pts }) => Math.abs(pts - beep) < BESIDE_SECONDS);
    const steps = beside.slice(1).map(({ pts, clockMs }, index) => {
      const before = beside[index];
      return before === undefined ? NaN : clockMs - before.clockMs - (pts - before.pts) * 1_000;
    });
    const first = beside[0]?.pts ?? Infinity;
    // A session may begin in the middle of a beep.
    return beep - first > BESIDE_SECONDS / 2 && steps.every((step) => Math.abs(step) < STEADY_MS);
  };
  return audioDelays({ clocks, beeps: beeps.filter(moves) });
}

export function keyframeSeconds(tags: readonly MediaTag[]): number {
  const times = tags
    .filter(({ isKeyframe, isHeader }) => isKeyframe && !isHeader)
    .map(({ timestamp }) => timestamp);
  const distances = times.slice(1).map((time, index) => (time - (times[index] ?? time)) / 1_000);
  return percentile(distances, 0.5);
}

async function decode(tags: readonly MediaTag[]): ReturnType<typeof inspectMedia> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  try {
    const file = join(folder, 'ingest.flv');
    await writeFile(file, flvFile(tags));
    return await inspectMedia(file, { seconds: 600, timeoutMs: 300_000 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
