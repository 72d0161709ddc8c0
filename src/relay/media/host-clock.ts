import { TrackClock } from './track-clock.ts';

/** Sound that is further off than this is moved at once, with a cut or a pause; what is less is stretched away. */
const STEP_MS = 150;
/** FFmpeg follows such a change of pace without a gap and no one hears it. */
const PACE = 0.01;
/** Sound that is missing for longer says nothing of the way of the frames. */
const SOUND_FRESH_MS = 3_000;

interface Track {
  readonly receiver: number;
  readonly clock: TrackClock;
}

interface Arrival {
  readonly receiver: number;
  readonly rtpTimestamp: number;
}

/**
 * When the frames of a host were captured, on the relay's clock, as near as can be told. Sound is put where its least
 * delayed packets say, and moved gently. Frames are put by the sound, wherever that is just then, because ears
 * and eyes notice an error between the two and not one of both.
 */
export class HostClock {
  #audio: Track | undefined;
  #video: Track | undefined;
  /** What is added to the media time of sound. */
  #soundOffset = 0;
  #lastSoundMs = 0;

  /** In milliseconds of the clock that `arrivalMs` is in. Not monotonic: packets may come out of order. */
  sound(packet: Arrival, arrivalMs: number): number {
    this.#audio = following(this.#audio, packet.receiver, 48_000);
    const { clock } = this.#audio;
    const { mediaMs, anew } = clock.take(packet.rtpTimestamp, arrivalMs);
    const error = clock.leastLately - this.#soundOffset;
    if (anew || Math.abs(error) > STEP_MS) this.#soundOffset += error;
    else {
      const most = PACE * Math.min(Math.max(mediaMs - this.#lastSoundMs, 0), 1_000);
      this.#soundOffset += Math.min(Math.max(error, -most), most);
    }
    this.#lastSoundMs = mediaMs;
    return mediaMs + this.#soundOffset;
  }

  /** See `sound`. */
  videoTime(frame: Arrival, arrivalMs: number): number {
    this.#video = following(this.#video, frame.receiver, 90_000);
    const { clock } = this.#video;
    const { mediaMs } = clock.take(frame.rtpTimestamp, arrivalMs);
    return mediaMs + (this.#bySound(clock, arrivalMs) ?? clock.leastLately);
  }

  #bySound(clock: TrackClock, arrivalMs: number): number | undefined {
    const sound = this.#audio?.clock;
    if (sound === undefined || arrivalMs - sound.lastArrivalMs > SOUND_FRESH_MS) return undefined;
    const beyond = clock.beyond(sound);
    return beyond === undefined ? undefined : this.#soundOffset + beyond;
  }
}

/** A new receiver is a new clock. */
function following(track: Track | undefined, receiver: number, clockRate: number): Track {
  return track?.receiver === receiver ? track : { receiver, clock: new TrackClock(clockRate) };
}
