import type { PlayerState } from '../../../api/player-states.ts';
import type { QoeReport, QoeSnapshot } from '../../../server/contract/qoe.ts';

/** A page that was not run for this time was asleep: nothing is known of that time. */
const ASLEEP_MS = 5_000;
/** Shorter waits are not noticed. */
const SHORTEST_STALL_MS = 250;
/** Trouble that lasts for this time has ended playback. */
const FATAL_MS = 30_000;
/** A step of the playhead that is longer than the time allows, by this much, is a seek. */
const SEEK_MS = 1_000;

/** In all other states, the viewer does not expect media. */
const expectant: readonly PlayerState[] = [
  'connecting',
  'playing',
  'buffering',
  'reconnecting',
  'migrating',
  'platform-out',
  'unsupported',
];

export type Fault = NonNullable<QoeReport['fatal']>;

/** What was observed. Times are of the monotonic clock, in milliseconds. */
export interface QualityFacts {
  readonly now: number;
  readonly state: PlayerState;
  readonly visible: boolean;
  /** Of the playhead, in seconds. */
  readonly position: number;
  /** When the first frame was shown; undefined: not yet, or not known. */
  readonly shownAt: number | undefined;
  /** Seconds behind the origin at the live edge; undefined: elsewhere, or not known. */
  readonly behind: number | undefined;
  /** Of the level on the screen. */
  readonly height: number | undefined;
  readonly kbps: number | undefined;
  /** Counts since the element was reset. */
  readonly frames: number;
  readonly dropped: number;
  /** What has failed lately. */
  readonly fault: Fault;
}

export type Measured = Omit<QoeSnapshot, 'ua' | 'conn'>;

/** Adds up what a viewer experiences. It needs facts several times a second, and has no clock of its own. */
export interface QualityMeter {
  readonly observe: (facts: QualityFacts) => void;
  /** What was measured since the last cut; undefined: nothing was observed. */
  readonly measured: () => Measured | undefined;
  /** Starts again at 0. A wait that goes on is counted once, and its time in both. */
  readonly cut: () => void;
}

/** Times in milliseconds; height and bit rate are multiplied by `levelMs`, the time for which they are known. */
const nothing = () => ({
  ...{ playing: 0, stalled: 0, stalls: 0, switches: 0, dropped: 0, frames: 0 },
  ...{ h: 0, kbps: 0, levelMs: 0 },
  ttff: undefined as number | undefined,
  fatal: undefined as Fault | undefined,
});

/**
 * `openedAt`: when the viewer began to wait, which may be a little before the first observation.
 *
 * @example const meter = qualityMeter(now()); setInterval(() => meter.observe(facts()), 250);
 */
export function qualityMeter(openedAt: number): QualityMeter {
  let last: QualityFacts | undefined;
  let intentAt = openedAt;
  let hasStarted = false;
  let wellAt = 0;
  /** This trouble was reported. */
  let wasFatal = false;
  /** Of the wait that goes on, as far as it is not counted; and whether a part of it is. */
  let waited = 0;
  let isCounted = false;
  /** What the last advance lacked: a wait began within it. */
  let slack = 0;
  /** A seek goes on. */
  let isSeek = false;

  let beganAt = openedAt;
  let sums = nothing();
  let latencies: number[] = [];

  const countWait = (): void => {
    if (!isCounted && waited <= SHORTEST_STALL_MS) return;
    if (!isCounted) sums.stalls++;
    sums.stalled += waited;
    isCounted = true;
    waited = slack = 0;
  };

  return {
    observe(facts) {
      const { now, state, visible, shownAt, behind, height } = facts;
      const before = last;
      const passed = now - (before?.now ?? now);
      last = facts;
      if (before === undefined || passed > ASLEEP_MS) {
        beganAt += passed;
        intentAt += passed;
        wellAt = now;
        return;
      }
      const isExpected = expectant.includes(state);
      const step = (facts.position - before.position) * 1_000;
      const isJump = step < 0 || step > passed * 2 + SEEK_MS;
      const moved = isJump ? 0 : Math.min(step, passed);
      const lacking = passed - moved;
      const advances = moved > lacking;

      if (!hasStarted && (advances || shownAt !== undefined)) {
        hasStarted = true;
        sums.ttff = Math.max(0, (shownAt ?? now) - intentAt);
      } else if (!isExpected) intentAt = now;

      // A stream that is replaced jumps as well, and its viewer waits.
      const isWaiting = isCounted || waited > 0;
      if (isJump && !isWaiting && state !== 'migrating') isSeek = true;
      if (!advances && isExpected && visible && hasStarted && !isSeek) waited = (waited || slack) + lacking;
      else {
        if (advances) {
          isSeek = wasFatal = false;
          if (isWaiting) waited += lacking;
          countWait();
        }
        waited = 0;
        slack = lacking;
        isCounted = false;
      }

      const isUnsupported = state === 'unsupported';
      if (advances || !visible || !isExpected) wellAt = now;
      else if (!wasFatal && (isUnsupported || now - wellAt >= FATAL_MS)) {
        wasFatal = true;
        sums.fatal = isUnsupported ? state : facts.fault;
      }

      sums.playing += moved;
      sums.frames += increase(before.frames, facts.frames);
      sums.dropped += increase(before.dropped, facts.dropped);
      if (height !== undefined) {
        sums.levelMs += moved;
        sums.h += height * moved;
        sums.kbps += (facts.kbps ?? 0) * moved;
        if (height !== (before.height ?? height)) sums.switches++;
      }
      if (advances && behind !== undefined) latencies.push(behind);
    },

    measured() {
      if (last === undefined) return undefined;
      countWait();
      const { now, state, visible } = last;
      const { levelMs, playing, stalled, ttff, h, kbps, ...counts } = sums;
      const sorted = [...latencies].sort((one, other) => one - other);
      /** undefined: it is not known of any time. */
      const mean = (sum: number): number | undefined => Math.round(sum / levelMs) || undefined;
      return {
        ...{ ...counts, state, visible },
        dur: seconds(now - beganAt),
        playing: seconds(playing),
        stalled: seconds(stalled),
        ttff: ttff && seconds(ttff),
        lat50: sorted[sorted.length >> 1],
        h: mean(h),
        kbps: mean(kbps),
      };
    },

    cut() {
      beganAt = last?.now ?? 0;
      sums = nothing();
      latencies = [];
    },
  };
}

/** Of a count that begins at 0 again when the element is reset. */
const increase = (before: number, now: number): number => (now < before ? now : now - before);

/** To a hundredth. */
const seconds = (milliseconds: number): number => Math.round(milliseconds / 10) / 100;
