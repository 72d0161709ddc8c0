import type { EncodedFrame } from '../frame-protocol.ts';
import { blackPicture } from './h264-black.ts';
import type { MediaPacket, VideoFormat } from './packet.ts';
import { PictureGate, videoCodec } from './picture-gate.ts';
import { StillPicture, type KeyFrame } from './still-picture.ts';
import { Timeline } from './timeline.ts';

/** How long there may be no picture before something stands in for it. */
const HOLD_AFTER_MS = 500;
/** How long before that is a key frame, after which the host has to send one too. */
const STILL_AFTER_MS = 1_000;
/** How long a host that is only heard may take to be seen. */
const FIRST_PICTURE_MS = 3_000;
const FILLER_EVERY_MS = 200;
/** Codecs that are encoded again have no fillers, and what encodes them wants pictures to encode. */
const STILL_EVERY_MS = 500;
/** The host's uplink pays for every key frame. */
const ASK_EVERY_MS = 500;
/** For a host that has shown nothing yet. */
const BLACK = { width: 1_280, height: 720 };

export interface ProgramOptions {
  readonly keyFrameIntervalMs: number;
  /** A key frame of the host is needed for the picture to go on. */
  readonly onKeyFrameWanted: () => void;
}

/**
 * What is on air: the host's pictures and sound as long as they come, and something in their place when they don't.
 * Every picture that leaves here can be decoded by whoever has decoded those before it, and times of a kind rise.
 *
 * Missing pictures are held in two steps. First the last picture is said to go on, as far as that leaves no trace in
 * the stream: live pictures may follow. Then the last key frame (or the slate) is shown again at every interval,
 * so that viewers can join; from then on the host needs a key frame to come back.
 */
export class Program {
  readonly #options: ProgramOptions;
  readonly #timeline = new Timeline();
  readonly #gate = new PictureGate();
  #slate: KeyFrame | undefined;
  #lastKey: KeyFrame | undefined;
  #still: StillPicture | undefined;
  #stillSince: number | undefined;
  #begunAt: number | undefined;
  #liveAt: number | undefined;
  /** When the last picture of any origin was put out, and the last key frame. */
  #pictureAt = -Infinity;
  #keyAt = -Infinity;
  #askedAt = -Infinity;
  #leftOut = 0;

  constructor(options: ProgramOptions) {
    this.#options = options;
  }

  /** Since when something else has stood in for the host's picture, which needs a key frame to come back. */
  get heldSince(): number | undefined {
    return this.#stillSince;
  }

  /** Pictures of the host that were left out because one before them is missing. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** Of the host's last key frame. */
  get format(): VideoFormat | undefined {
    return this.#lastKey?.format;
  }

  /** See Timeline.avOffsetMs. */
  avOffsetMs(nowMs: number): number | null {
    return this.#timeline.avOffsetMs(nowMs);
  }

  /** What is shown instead of the host's last key frame while the host shows nothing, where it has the same size. */
  setSlate(slate: KeyFrame | undefined): void {
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
    const timeMs = this.#timeline.pictureTime(frame, arrivalMs);
    const picture = this.#gate.admit(frame, codec);
    if (picture === undefined) {
      this.#leftOut++;
      this.#askForKeyFrame(arrivalMs);
      return [];
    }
    if (picture.format !== undefined) {
      this.#lastKey = { data: picture.data, format: picture.format };
      this.#still = undefined;
      this.#stillSince = undefined;
      this.#keyAt = arrivalMs;
    }
    this.#liveAt = arrivalMs;
    this.#pictureAt = arrivalMs;
    return [{ kind: 'video', timeMs: this.#timeline.placePicture(timeMs), ...picture }];
  }

  /** What to send because it is `nowMs` and nothing came. To be called ten times a second. */
  tick(nowMs: number): MediaPacket[] {
    if (this.#begunAt === undefined) return [];
    const held = this.#heldPicture(nowMs, nowMs - (this.#liveAt ?? this.#begunAt));
    if (held === undefined) return this.#timeline.silence(nowMs);
    this.#pictureAt = nowMs;
    return [
      ...this.#timeline.silence(nowMs),
      { kind: 'video', timeMs: this.#timeline.placeHeld(nowMs), ...held, held: true },
    ];
  }

  #heldPicture(nowMs: number, missingMs: number): Pick<MediaPacket, 'data' | 'format'> | undefined {
    if (missingMs <= HOLD_AFTER_MS) return undefined;
    if (this.#stillDue(nowMs, missingMs)) return this.#showStill(nowMs);
    if (nowMs - this.#pictureAt < FILLER_EVERY_MS) return undefined;
    const data = (this.#still ?? this.#gate).again();
    return data && { data };
  }

  #stillDue(nowMs: number, missingMs: number): boolean {
    const sinceKey = nowMs - this.#keyAt;
    const source = this.#stillSource();
    if (this.#still !== undefined) {
      if (source !== this.#still.source) return true;
      const h264 = source.format.codec === 'h264';
      return sinceKey >= (h264 ? this.#options.keyFrameIntervalMs : STILL_EVERY_MS);
    }
    if (this.#lastKey === undefined) return missingMs >= FIRST_PICTURE_MS;
    if (missingMs < STILL_AFTER_MS) return false;
    const other = source !== this.#lastKey || source.format.codec !== 'h264';
    return other || sinceKey >= this.#options.keyFrameIntervalMs;
  }

  #showStill(nowMs: number): Pick<MediaPacket, 'data' | 'format'> {
    const source = this.#stillSource();
    if (this.#still?.source !== source) this.#still = new StillPicture(source);
    this.#stillSince ??= nowMs;
    this.#keyAt = nowMs;
    this.#gate.close();
    return { data: this.#still.key(), format: source.format };
  }

  #stillSource(): KeyFrame {
    const key = this.#lastKey;
    const slate = this.#slate;
    if (key === undefined) return slate ?? (this.#black ??= blackPicture(BLACK.width, BLACK.height));
    const fits =
      key.format.codec === 'h264' &&
      slate?.format.width === key.format.width &&
      slate.format.height === key.format.height;
    return fits ? slate : key;
  }

  #black: KeyFrame | undefined;

  #askForKeyFrame(nowMs: number): void {
    if (nowMs - this.#askedAt < ASK_EVERY_MS) return;
    this.#askedAt = nowMs;
    this.#options.onKeyFrameWanted();
  }
}
