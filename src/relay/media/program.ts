import type { EncodedFrame } from '../frame-protocol.ts';
import { blackFrame } from './h264-black.ts';
import { due } from './hold.ts';
import type { MediaPacket, VideoFormat } from './packet.ts';
import { DecodabilityFilter, videoCodec, type AdmittedFrame } from './decodability-filter.ts';
import { StillFrame, type Keyframe } from './still-frame.ts';
import { Timeline } from './timeline.ts';

/** The host's uplink pays for every keyframe. */
const ASK_EVERY_MS = 500;
/** For a host that has shown nothing yet. */
const BLACK = { width: 1_280, height: 720 };

export interface ProgramOptions {
  readonly keyframeIntervalMs: number;
  /** A keyframe of the host is needed for the video to continue. */
  readonly onKeyframeWanted: () => void;
}

/**
 * What is on air: the host's frames and sound as long as they come, and something in their place when they don't.
 * Every frame that leaves here can be decoded by whatever has decoded those before it, and times of a kind rise.
 *
 * Missing frames are held in two steps. First the last frame is said to go on, as far as that leaves no trace in
 * the stream: live frames may follow. Then the last keyframe (or the slate) is shown again at every interval,
 * so that viewers can join; from then on the host needs a keyframe to come back.
 */
export class Program {
  readonly #options: ProgramOptions;
  readonly #timeline = new Timeline();
  readonly #gate = new DecodabilityFilter();
  #slate: Keyframe | undefined;
  #black: Keyframe | undefined;
  /** The host's last keyframe, and when it came. */
  #lastKey: Keyframe | undefined;
  #lastKeyAt = 0;
  #still: StillFrame | undefined;
  #stillSince: number | undefined;
  #begunAt: number | undefined;
  #liveAt: number | undefined;
  #paceMs = 0;
  /** When the last frame of any origin was put out, and the last keyframe. */
  #frameAt = -Infinity;
  #keyAt = -Infinity;
  #askedAt = -Infinity;
  #leftOut = 0;

  constructor(options: ProgramOptions) {
    this.#options = options;
  }

  /** Since when something else has stood in for the host's video, which needs a keyframe to come back. */
  get heldSince(): number | undefined {
    return this.#stillSince;
  }

  /** Frames of the host that were left out because one before them is missing. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** Of the host's last keyframe. */
  get format(): VideoFormat | undefined {
    return this.#lastKey?.format;
  }

  /** See Timeline.avOffsetMs. */
  avOffsetMs(nowMs: number): number | null {
    return this.#timeline.avOffsetMs(nowMs);
  }

  /** What is shown instead of the host's last keyframe while the host shows nothing, where it has the same size. */
  setSlate(slate: Keyframe | undefined): void {
    this.#slate = slate;
  }

  /** What to send for a frame of the host that arrived at `arrivalMs`. */
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

  /** What to send because it is `nowMs` and nothing came. To be called ten times a second. */
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
    if (key === undefined) return slate ?? (this.#black ??= blackFrame(BLACK.width, BLACK.height));
    const fits =
      key.format.codec === 'h264' &&
      slate?.format.width === key.format.width &&
      slate.format.height === key.format.height;
    return fits ? slate : key;
  }

  #askForKeyframe(nowMs: number): void {
    if (nowMs - this.#askedAt < ASK_EVERY_MS) return;
    this.#askedAt = nowMs;
    this.#options.onKeyframeWanted();
  }
}
