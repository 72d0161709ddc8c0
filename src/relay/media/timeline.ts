import type { EncodedFrame } from '../frame-protocol.ts';
import { HostClock } from './host-clock.ts';
import { OPUS_SILENCE, OPUS_SILENCE_MS, opusDurationMs } from './opus.ts';
import type { MediaPacket } from './packet.ts';

/** How late sound may be before silence takes its place. More than what a network's jitter makes, once it is up. */
const SILENCE_AFTER_MS = 300;
/** A hole of minutes is none to fill: the process was stopped, and what listens has given up. */
const MOST_SILENCE_MS = 2_000;
/** A held video's time is so long ago, so that a live one that comes a little late does not come too late. */
const HELD_BEFORE_MS = 150;
/** Two packets of a kind are never nearer than this: containers count whole milliseconds. */
const STEP_MS = 1;

/**
 * Joins the host's tracks, which have clocks of their own and come and go, into one output whose times only rise.
 * It outlives the page's receivers and the RTMP sessions: a new receiver is a new clock on the same timeline.
 *
 * Platforms refuse video without sound, so wherever a host's sound is missing, silence is put in.
 */
export class Timeline {
  readonly #clock = new HostClock();
  #lastVideoMs = -Infinity;
  #lastSoundMs = -Infinity;
  /** Up to where the output has sound. */
  #soundUntilMs: number | undefined;
  /** Whether silence was the last sound that went out. */
  #silent = false;
  /** How much later than its place the last frame of the host went out. */
  #lateMs: number | undefined;
  #soundAt = -Infinity;

  /** Where a frame belongs. Also for one that is not shown: it helps to know the clock. */
  frameTime(frame: EncodedFrame, arrivalMs: number): number {
    return this.#clock.videoTime(frame, arrivalMs);
  }

  /** The time at which a frame that belongs at `timeMs` goes out: there, unless another was shown there already. */
  placeFrame(timeMs: number): number {
    const placed = this.#place(timeMs);
    this.#lateMs = placed - timeMs;
    return placed;
  }

  /** The time of a frame that stands in for a missing one. */
  placeHeld(nowMs: number): number {
    return this.#place(nowMs - HELD_BEFORE_MS);
  }

  /** What to send for a packet of sound: itself, with silence before it where sound was missing for long. */
  sound(frame: EncodedFrame, arrivalMs: number): MediaPacket[] {
    const timeMs = this.#clock.sound(frame, arrivalMs);
    const duration = opusDurationMs(frame.data);
    // Late by more than a packet: its place was filled with silence. Half a packet is rounding.
    if (duration === 0 || timeMs < (this.#soundUntilMs ?? timeMs) - OPUS_SILENCE_MS / 2) return [];
    // After silence all up to the packet is filled. Else a small hole may still be a packet on its way.
    const silence = this.#silence(this.#silent ? timeMs : timeMs - SILENCE_AFTER_MS);
    this.#silent = false;
    const placed = Math.max(timeMs, this.#lastSoundMs + STEP_MS);
    this.#lastSoundMs = placed;
    this.#soundUntilMs = timeMs + duration;
    this.#soundAt = arrivalMs;
    return [...silence, { kind: 'audio', timeMs: placed, data: frame.data }];
  }

  /** Silence for what has not come until now. */
  silence(nowMs: number): MediaPacket[] {
    return this.#silence(nowMs - SILENCE_AFTER_MS);
  }

  /**
   * How far sound is ahead of the video in what was sent last, in milliseconds and as far as the clocks tell; null
   * where there are not both.
   */
  avOffsetMs(nowMs: number): number | null {
    return this.#lateMs === undefined || nowMs - this.#soundAt > MOST_SILENCE_MS ? null : this.#lateMs;
  }

  #place(timeMs: number): number {
    this.#lastVideoMs = Math.max(timeMs, this.#lastVideoMs + STEP_MS);
    return this.#lastVideoMs;
  }

  #silence(untilMs: number): MediaPacket[] {
    const packets: MediaPacket[] = [];
    let at = Math.max(this.#soundUntilMs ?? untilMs, untilMs - MOST_SILENCE_MS);
    for (; at + OPUS_SILENCE_MS <= untilMs; at += OPUS_SILENCE_MS) {
      this.#lastSoundMs = Math.max(at, this.#lastSoundMs + STEP_MS);
      packets.push({ kind: 'audio', timeMs: this.#lastSoundMs, data: OPUS_SILENCE, held: true });
      this.#silent = true;
    }
    this.#soundUntilMs = at;
    return packets;
  }
}
