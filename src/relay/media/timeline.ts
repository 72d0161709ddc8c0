import type { EncodedFrame } from '../frame-protocol.ts';
import { HostClock } from './host-clock.ts';
import { OPUS_SILENCE, OPUS_SILENCE_MS, opusDurationMs } from './opus.ts';
import type { MediaPacket } from './packet.ts';

/** Delay of audio after which silence is sent in its place. More than the jitter of a network that works. */
const SILENCE_AFTER_MS = 300;
/** Gaps of minutes are not filled: the process was stopped, and the receivers have given up. */
const MAX_SILENCE_MS = 2_000;
/** The time of a held frame lies this far in the past, so that a live frame that is a little late can still follow. */
const HELD_BEFORE_MS = 150;
/** Minimum distance of two packets of a kind: containers count whole milliseconds. */
const MIN_STEP_MS = 1;

/**
 * Joins the host's tracks, which have separate clocks and may start and stop, into one output with increasing times.
 * It outlives the page's receivers and the RTMP sessions: a new receiver is a new clock on the same timeline.
 *
 * Platforms reject video without audio, so silence is inserted wherever the host's audio is missing.
 */
export class Timeline {
  readonly #clock = new HostClock();
  #lastVideoMs = -Infinity;
  #lastSoundMs = -Infinity;
  /** Time up to which the output has audio. */
  #soundUntilMs: number | undefined;
  /** Whether the last audio sent was silence. */
  #silent = false;
  /** How much later than its own time the host's last frame was sent, in milliseconds. */
  #lateMs: number | undefined;
  #soundAt = -Infinity;

  /**
   * The time of a frame. To be called for dropped frames, too, because each frame improves the estimate of the clock.
   */
  frameTime(frame: EncodedFrame, arrivalMs: number): number {
    return this.#clock.videoTime(frame, arrivalMs);
  }

  /** The time at which a frame of `timeMs` is sent: `timeMs`, unless a later frame has been sent already. */
  placeFrame(timeMs: number): number {
    const placed = this.#place(timeMs);
    this.#lateMs = placed - timeMs;
    return placed;
  }

  /** The time of a frame that replaces a missing one. */
  placeHeld(nowMs: number): number {
    return this.#place(nowMs - HELD_BEFORE_MS);
  }

  /** Returns what to send for an audio packet: the packet, preceded by silence if audio was missing for long. */
  sound(frame: EncodedFrame, arrivalMs: number): MediaPacket[] {
    const timeMs = this.#clock.sound(frame, arrivalMs);
    const duration = opusDurationMs(frame.data);
    // Late by more than a packet: its place was filled with silence. Half a packet allows for rounding.
    if (duration === 0 || timeMs < (this.#soundUntilMs ?? timeMs) - OPUS_SILENCE_MS / 2) return [];
    // After silence, everything up to the packet is filled. Otherwise a small gap may be a packet still in transit.
    const silence = this.#silence(this.#silent ? timeMs : timeMs - SILENCE_AFTER_MS);
    this.#silent = false;
    const placed = Math.max(timeMs, this.#lastSoundMs + MIN_STEP_MS);
    this.#lastSoundMs = placed;
    this.#soundUntilMs = timeMs + duration;
    this.#soundAt = arrivalMs;
    return [...silence, { kind: 'audio', timeMs: placed, data: frame.data }];
  }

  /** Silence in place of audio that has not arrived by now. */
  silence(nowMs: number): MediaPacket[] {
    return this.#silence(nowMs - SILENCE_AFTER_MS);
  }

  /**
   * How far audio was ahead of video in what was sent last, in milliseconds, as far as the clocks show; null unless
   * both are present.
   */
  avOffsetMs(nowMs: number): number | null {
    return this.#lateMs === undefined || nowMs - this.#soundAt > MAX_SILENCE_MS ? null : this.#lateMs;
  }

  #place(timeMs: number): number {
    this.#lastVideoMs = Math.max(timeMs, this.#lastVideoMs + MIN_STEP_MS);
    return this.#lastVideoMs;
  }

  #silence(untilMs: number): MediaPacket[] {
    const packets: MediaPacket[] = [];
    let at = Math.max(this.#soundUntilMs ?? untilMs, untilMs - MAX_SILENCE_MS);
    for (; at + OPUS_SILENCE_MS <= untilMs; at += OPUS_SILENCE_MS) {
      this.#lastSoundMs = Math.max(at, this.#lastSoundMs + MIN_STEP_MS);
      packets.push({ kind: 'audio', timeMs: this.#lastSoundMs, data: OPUS_SILENCE, held: true });
      this.#silent = true;
    }
    this.#soundUntilMs = at;
    return packets;
  }
}
