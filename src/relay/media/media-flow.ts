import type { Clock } from '../clock.ts';
import type { MediaFacts } from '../facts.ts';
import type { EncodedFrame } from '../frame-protocol.ts';
import { RateMeter } from './rate-meter.ts';
import { Timeline, type MediaPacket } from './timeline.ts';

const WINDOW_MS = 5_000;
/** A page that says a frame is older than this has no sound clock. */
const MAX_AGE_MS = 1_000;

export interface MediaFigures {
  readonly inBitrateKbps: number;
  readonly frameRate: number;
  readonly width: number | null;
  readonly height: number | null;
  readonly keyFrameIntervalSeconds: number | null;
  readonly avOffsetMs: number | null;
  readonly videoFrames: number;
  readonly audioPackets: number;
  readonly keyFrames: number;
}

/** The way of the frames from the page to the RTMP session, and what is counted on it. */
export class MediaFlow {
  readonly #clock: Clock;
  readonly #onPacket: (packet: MediaPacket) => void;
  readonly #timeline = new Timeline();
  readonly #bytes = new RateMeter(WINDOW_MS);
  readonly #pictures = new RateMeter(WINDOW_MS);
  #videoAt: number | undefined;
  #mimeType = '';
  #size: { width: number; height: number } | undefined;
  #keyFrameAt: number | undefined;
  #keyFrameInterval: number | undefined;
  #counts = { videoFrames: 0, audioPackets: 0, keyFrames: 0 };

  constructor(clock: Clock, onPacket: (packet: MediaPacket) => void) {
    this.#clock = clock;
    this.#onPacket = onPacket;
  }

  get facts(): MediaFacts {
    return { videoAt: this.#videoAt, mimeType: this.#mimeType };
  }

  take(frame: EncodedFrame): void {
    const now = this.#clock.now();
    this.#count(frame, now);
    if (frame.kind === 'video' && frame.mimeType !== 'video/H264') return;
    const age = Math.min(Math.max(frame.ageMs, 0), MAX_AGE_MS);
    for (const packet of this.#timeline.push(frame, now - age)) this.#onPacket(packet);
  }

  figures(): MediaFigures {
    const now = this.#clock.now();
    return {
      inBitrateKbps: (this.#bytes.perSecond(now).size * 8) / 1_000,
      frameRate: this.#pictures.perSecond(now).count,
      width: this.#size?.width ?? null,
      height: this.#size?.height ?? null,
      keyFrameIntervalSeconds: this.#keyFrameInterval ?? null,
      avOffsetMs: this.#timeline.avOffsetMs,
      ...this.#counts,
    };
  }

  #count(frame: EncodedFrame, now: number): void {
    this.#bytes.add(now, frame.data.length);
    if (frame.kind === 'audio') {
      this.#counts.audioPackets++;
      return;
    }
    this.#counts.videoFrames++;
    this.#pictures.add(now, 1);
    this.#videoAt = now;
    this.#mimeType = frame.mimeType;
    if (!frame.key) return;
    this.#counts.keyFrames++;
    if (this.#keyFrameAt !== undefined) this.#keyFrameInterval = (now - this.#keyFrameAt) / 1_000;
    this.#keyFrameAt = now;
    if (frame.width > 0) this.#size = { width: frame.width, height: frame.height };
  }
}
