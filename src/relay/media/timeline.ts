import type { EncodedFrame } from '../frame-protocol.ts';
import { parameterSets, withParameterSets, type ParameterSets } from './h264.ts';
import { OPUS_SILENCE, OPUS_SILENCE_MS, opusDurationMs } from './opus.ts';
import type { VideoFormat } from './matroska.ts';
import { TrackClock } from './track-clock.ts';

/** One packet of the output, on the relay's clock. */
export interface MediaPacket {
  readonly kind: 'video' | 'audio';
  readonly timeMs: number;
  readonly data: Uint8Array;
  /** Only with a key frame of the picture: what a decoder needs to start there. */
  readonly format?: VideoFormat | undefined;
}

/** How late sound may be before silence takes its place. More than what a network's jitter makes, once it is up. */
const SILENCE_AFTER_MS = 300;

/**
 * Joins the host's tracks, which have clocks of their own and come and go, into one output whose times only rise.
 * It outlives the page's receivers and the RTMP sessions: a new receiver is a new clock on the same timeline.
 *
 * Platforms refuse video without sound, so wherever a host's sound is missing, silence is put in.
 */
export class Timeline {
  #video: { receiver: number; clock: TrackClock } | undefined;
  #audio: { receiver: number; clock: TrackClock } | undefined;
  #parameterSets: ParameterSets | undefined;
  #lastVideoMs = -Infinity;
  /** Up to where the output has sound. */
  #soundUntilMs: number | undefined;

  /** What to send for a frame that arrived at `arrivalMs`: itself, with silence before it where sound is missing. */
  push(frame: EncodedFrame, arrivalMs: number): MediaPacket[] {
    return frame.kind === 'video' ? this.#pushVideo(frame, arrivalMs) : this.#pushAudio(frame, arrivalMs);
  }

  /** Sound against pictures in what was sent last, in milliseconds; positive when sound is ahead. */
  get avOffsetMs(): number | null {
    return this.#soundUntilMs === undefined || this.#lastVideoMs === -Infinity
      ? null
      : this.#soundUntilMs - this.#lastVideoMs;
  }

  #pushVideo(frame: EncodedFrame, arrivalMs: number): MediaPacket[] {
    if (this.#video?.receiver !== frame.receiver) {
      this.#video = { receiver: frame.receiver, clock: new TrackClock(90_000) };
    }
    const timeMs = Math.max(this.#video.clock.map(frame.rtpTimestamp, arrivalMs), this.#lastVideoMs + 1);
    this.#lastVideoMs = timeMs;
    return [
      ...this.#silenceUntil(timeMs - SILENCE_AFTER_MS),
      frame.key ? this.#keyFrame(frame, timeMs) : { kind: 'video', timeMs, data: frame.data },
    ];
  }

  #pushAudio(frame: EncodedFrame, arrivalMs: number): MediaPacket[] {
    if (this.#audio?.receiver !== frame.receiver) {
      this.#audio = { receiver: frame.receiver, clock: new TrackClock(48_000) };
    }
    const timeMs = this.#audio.clock.map(frame.rtpTimestamp, arrivalMs);
    // Late by more than a packet: its place was filled with silence. Half a packet is rounding.
    if (this.#soundUntilMs !== undefined && timeMs < this.#soundUntilMs - OPUS_SILENCE_MS / 2) return [];
    const silence = this.#silenceUntil(timeMs - SILENCE_AFTER_MS);
    this.#soundUntilMs = Math.max(this.#soundUntilMs ?? timeMs, timeMs) + opusDurationMs(frame.data);
    return [...silence, { kind: 'audio', timeMs, data: frame.data }];
  }

  /** Silence from where the sound ends; nothing yet if there was neither sound nor silence so far. */
  #silenceUntil(timeMs: number): MediaPacket[] {
    const packets: MediaPacket[] = [];
    // A gap of minutes is no gap to fill: the timeline starts anew there.
    let at = Math.max(this.#soundUntilMs ?? timeMs, timeMs - 2_000);
    for (; at + OPUS_SILENCE_MS <= timeMs; at += OPUS_SILENCE_MS) {
      packets.push({ kind: 'audio', timeMs: at, data: OPUS_SILENCE });
    }
    this.#soundUntilMs = at;
    return packets;
  }

  /** A key frame must carry its parameter sets: what joins the stream here knows no others. */
  #keyFrame({ data, width, height }: EncodedFrame, timeMs: number): MediaPacket {
    const own = parameterSets(data);
    // A copy: the frame's memory is a message buffer that should not be kept alive.
    if (own !== undefined)
      this.#parameterSets = { sps: Uint8Array.from(own.sps), pps: Uint8Array.from(own.pps) };
    const sets = this.#parameterSets;
    if (sets === undefined) return { kind: 'video', timeMs, data };
    return {
      kind: 'video',
      timeMs,
      data: own === undefined ? withParameterSets(data, sets) : data,
      format: { parameterSets: sets, width, height },
    };
  }
}
