import type { EncodedFrame } from '../frame-protocol.ts';
import { blackFrame } from './h264-black.ts';
import type { FrameSize } from './frame-size.ts';
import { due } from './hold.ts';
import type { MediaPacket, VideoFormat } from './packet.ts';
import { DecodabilityFilter, videoCodec, type AdmittedFrame } from './decodability-filter.ts';
import { StillFrame, type Keyframe } from './still-frame.ts';
import { Timeline } from './timeline.ts';

/** Each keyframe costs the host uplink bandwidth. */
const MIN_KEYFRAME_REQUEST_INTERVAL_MS = 500;
/** Size of the black frame for a host that has not sent video yet. */
const BLACK_SIZE = { width: 1_280, height: 720 };

/** What a Program needs. */
export interface ProgramOptions {
  readonly keyframeIntervalMs: number;
  /** Called when a keyframe from the host is needed for the video to continue. */
  readonly onKeyframeWanted: () => void;
}

/**
 * The output: the host's audio and video while they arrive, and replacements when they do not. Every frame of the
 * output can be decoded by a decoder of the frames before it, and the times of each kind increase.
 *
 * Missing frames are replaced in two steps. First the last frame is repeated, as long as that leaves the stream so
 * that live frames can follow. Then the last keyframe (or the slate) is shown again at every interval, so that
 * viewers can join; from then on the host's video can continue only with a keyframe.
 */
export class Program {
  readonly #options: ProgramOptions;
  readonly #timeline = new Timeline();
  readonly #gate = new DecodabilityFilter();
  #slate: Keyframe | undefined;
  #black: Keyframe | undefined;
  /** The host's last keyframe, and when it arrived. */
  #lastKey: Keyframe | undefined;
  #lastKeyAt = 0;
  #still: StillFrame | undefined;
  #stillSince: number | undefined;
  #begunAt: number | undefined;
  #liveAt: number | undefined;
  #paceMs = 0;
  /** When the last frame of any origin was sent, and the last keyframe. */
  #frameAt = -Infinity;
  #keyAt = -Infinity;
  #askedAt = -Infinity;
  #leftOut = 0;

  constructor(options: ProgramOptions) {
    this.#options = options;
  }

  /** Since when a replacement has been shown instead of the host's video, which needs a keyframe to return. */
  get heldSince(): number | undefined {
    return this.#stillSince;
  }

  /** Number of the host's frames that were dropped because an earlier frame is missing. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** Format of the host's last keyframe. */
  get format(): VideoFormat | undefined {
    return this.#lastKey?.format;
  }

  /** See DecodabilityFilter.unsupportedSize. */
  get unsupportedSize(): FrameSize | undefined {
    return this.#gate.unsupportedSize;
  }

  /** See Timeline.avOffsetMs. */
  avOffsetMs(nowMs: number): number | null {
    return this.#timeline.avOffsetMs(nowMs);
  }

  /** Sets what is shown instead of the host's last keyframe while the host sends no video, if it has the same size. */
  setSlate(slate: Keyframe | undefined): void {
    this.#slate = slate;
  }

  /** Returns what to send for a frame of the host that arrived at `arrivalMs`. */
  push(frame: EncodedFrame, arrivalMs: number): MediaPacket[] {
    if (frame.kind === 'audio') {
      this.#begunAt ??= arrivalMs;
      return this.#timeline.sound(frame, arrivalMs);
    }
    const codec = videoCodec(frame.mimeType);
    if (codec === undefined) return [];
    this.#begunAt ??= arrivalMs;
    const timeMs = this.#timeline.frameTime(frame, arrivalMs);
    const admitted = this.#gate.admit(frame, codec);
    if (admitted === undefined) {
      this.#leftOut++;
      if (!this.#gate.open) this.#askForKeyframe(arrivalMs);
      return [];
    }
    this.#note(admitted, arrivalMs);
    return [{ kind: 'video', timeMs: this.#timeline.placeFrame(timeMs), ...admitted }];
  }

  /** Returns what to send at `nowMs` without input. To be called ten times per second. */
  tick(nowMs: number): MediaPacket[] {
    if (this.#begunAt === undefined) return [];
    const silence = this.#timeline.silence(nowMs);
    const held = this.#heldFrame(nowMs, nowMs - (this.#liveAt ?? this.#begunAt));
    if (held === undefined) return silence;
    this.#frameAt = nowMs;
    return [...silence, { kind: 'video', timeMs: this.#timeline.placeHeld(nowMs), ...held, held: true }];
  }

  #note({ data, format }: AdmittedFrame, nowMs: number): void {
    const goesOn = this.#still === undefined && this.#liveAt !== undefined;
    this.#paceMs = goesOn ? nowMs - (this.#liveAt ?? nowMs) : 0;
    this.#liveAt = nowMs;
    this.#frameAt = nowMs;
    if (format === undefined) return;
    this.#lastKey = { data, format };
    this.#lastKeyAt = nowMs;
    this.#keyAt = nowMs;
    this.#still = undefined;
    this.#stillSince = undefined;
  }

  #heldFrame(nowMs: number, missingMs: number): AdmittedFrame | undefined {
    const source = this.#standIn();
    const shown = {
      missingMs,
      sinceFrameMs: nowMs - this.#frameAt,
      sinceKeyMs: nowMs - this.#keyAt,
      keyAgeMs: this.#liveAt === undefined ? undefined : this.#liveAt - this.#lastKeyAt,
      paceMs: this.#paceMs,
      h264: source.format.codec === 'h264',
      same: source === (this.#still?.source ?? this.#lastKey),
      held: this.#still !== undefined,
    };
    const what = due(shown, this.#options.keyframeIntervalMs);
    if (what === 'keyframe') return this.#showKey(source, nowMs);
    const data = what === 'repeat' ? (this.#still ?? this.#gate).again() : undefined;
    return data && { data };
  }

  #showKey(source: Keyframe, nowMs: number): AdmittedFrame {
    if (this.#still?.source !== source) this.#still = new StillFrame(source);
    this.#stillSince ??= nowMs;
    this.#keyAt = nowMs;
    this.#gate.close();
    return { data: this.#still.key(), format: source.format };
  }

  #standIn(): Keyframe {
    const key = this.#lastKey;
    const slate = this.#slate;
    if (key === undefined) return slate ?? (this.#black ??= blackFrame(BLACK_SIZE.width, BLACK_SIZE.height));
    const fits =
      key.format.codec === 'h264' &&
      slate?.format.width === key.format.width &&
      slate.format.height === key.format.height;
    return fits ? slate : key;
  }

  #askForKeyframe(nowMs: number): void {
    if (nowMs - this.#askedAt < MIN_KEYFRAME_REQUEST_INTERVAL_MS) return;
    this.#askedAt = nowMs;
    this.#options.onKeyframeWanted();
  }
}
