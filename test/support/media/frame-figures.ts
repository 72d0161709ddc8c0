import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { audioDelays, inspectMedia } from '../../fixtures/agora/decode.ts';
import { percentile } from '../numbers/statistics.ts';
import { firstTimestamp, flvFile, type MediaTag } from '../ingest/media-tag.ts';
import type { SentFrames } from '../host/sent-frames.ts';

export interface FrameFigures {
  readonly sent: number;
  /** Sent in the window and never seen at the ingest. */
  readonly framesLost: number;
  /** From a picture's last packet at the edge to its last byte at the ingest, milliseconds. */
  readonly delayMsP50: number;
  readonly delayMsP99: number;
  /** How far sound and picture are apart at each beep, whichever is first, milliseconds. */
  readonly avOffsetMsP95: number;
  /** Middle of the distances between keyframes. */
  readonly keyframeSeconds: number;
}

/** How much of the picture before and after a beep has to move with the time, and how exactly. */
const BESIDE_SECONDS = 0.2;
const STEADY_MS = 40;

/** What a picture may need at most to be seen at the ingest. Longer ones are lost: the loop's clock comes again. */
const LATEST_MS = 15_000;

/**
 * Reads the clock out of every picture that came to the ingest and compares with when the host sent it: the same for
 * every way, whether it passes pictures on or films a screen.
 * `sessions`: what came, by RTMP session. `from`, `to`: which of the host's pictures count.
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
      // A way that films a screen shows pictures more than once: the first time counts.
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
 * How late the sound is against the picture at each beep, milliseconds. Beeps beside which the picture stands still
 * (it is held, or there is none) say nothing and are left out.
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
