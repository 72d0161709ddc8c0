import { TrackClock } from './track-clock.ts';

/** Audio with a larger error is shifted at once, with a cut or a pause; a smaller error is stretched away. */
const MAX_STRETCHED_ERROR_MS = 150;
/** Largest change of pace, as a fraction. FFmpeg follows it without a gap, and it is inaudible. */
const MAX_PACE_CHANGE = 0.01;
/** Audio that has been missing for longer than this says nothing about the delay of the frames. */
const AUDIO_FRESH_MS = 3_000;

interface Track {
  readonly receiver: number;
  readonly clock: TrackClock;
}

interface Arrival {
  readonly receiver: number;
  readonly rtpTimestamp: number;
}

/**
 * Estimates when the frames of a host were captured, on the relay's clock. Audio is placed by its least delayed
 * packets and shifted gently. Frames are placed relative to the current position of the audio, because viewers notice
 * an offset between the two, but not an error that both share.
 */
export class HostClock {
  #audio: Track | undefined;
  #video: Track | undefined;
  /** Offset added to the media time of audio. */
  #soundOffset = 0;
  #lastSoundMs = 0;

  /**
   * The time of an audio packet, in milliseconds on the clock of `arrivalMs`. Not monotonic: packets may arrive out
   * of order.
   */
  sound(packet: Arrival, arrivalMs: number): number {
    this.#audio = following(this.#audio, packet.receiver, 48_000);
    const { clock } = this.#audio;
    const { mediaMs, restarted } = clock.take(packet.rtpTimestamp, arrivalMs);
    const error = clock.leastLately - this.#soundOffset;
    if (restarted || Math.abs(error) > MAX_STRETCHED_ERROR_MS) this.#soundOffset += error;
    else {
      const most = MAX_PACE_CHANGE * Math.min(Math.max(mediaMs - this.#lastSoundMs, 0), 1_000);
      this.#soundOffset += Math.min(Math.max(error, -most), most);
    }
    this.#lastSoundMs = mediaMs;
    return mediaMs + this.#soundOffset;
  }

  /** The time of a video frame, as for `sound`. */
  videoTime(frame: Arrival, arrivalMs: number): number {
    this.#video = following(this.#video, frame.receiver, 90_000);
    const { clock } = this.#video;
    const { mediaMs } = clock.take(frame.rtpTimestamp, arrivalMs);
    return mediaMs + (this.#bySound(clock, arrivalMs) ?? clock.leastLately);
  }

  #bySound(clock: TrackClock, arrivalMs: number): number | undefined {
    const sound = this.#audio?.clock;
    if (sound === undefined || arrivalMs - sound.lastArrivalMs > AUDIO_FRESH_MS) return undefined;
    const beyond = clock.beyond(sound);
    return beyond === undefined ? undefined : this.#soundOffset + beyond;
  }
}

/** A new receiver has a new clock. */
function following(track: Track | undefined, receiver: number, clockRate: number): Track {
  return track?.receiver === receiver ? track : { receiver, clock: new TrackClock(clockRate) };
}
