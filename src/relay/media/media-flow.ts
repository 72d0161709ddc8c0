import type { DropReason } from '../../api/relay-contract.ts';
import type { Clock } from '../../base/clock.ts';
import type { MediaFacts } from '../facts.ts';
import type { EncodedFrame } from '../frame-protocol.ts';
import type { MediaPacket, VideoFormat } from './packet.ts';
import { videoCodec } from './decodability-filter.ts';
import { Program } from './program.ts';
import { RateMeter } from './rate-meter.ts';
import type { Keyframe } from './still-frame.ts';

const WINDOW_MS = 5_000;
/** Upper bound for the age that the page reports; a higher value means that its clock is wrong. */
const MAX_AGE_MS = 1_000;
/** After a pause of this length, the receiver is treated as a new one, because keyframes could not arrive meanwhile. */
const PAUSE_MS = 2_000;
const SIZE_CHANGES_WINDOW_MS = 60_000;

/** What a MediaFlow needs. */
export interface MediaFlowOptions {
  readonly keyframeIntervalMs: number;
  readonly onPacket: (packet: MediaPacket) => void;
  /** Called at most twice per second. */
  readonly onKeyframeWanted: () => void;
}

/** Figures of the last seconds. */
export interface MediaFigures {
  /** Audio and video. */
  readonly inBitrateKbps: number;
  /** Between the host's last two keyframes. */
  readonly keyframeIntervalSeconds: number | null;
  /** How far audio is ahead of video, as far as the clocks show; null unless both are present. */
  readonly avOffsetMs: number | null;
}

/** Counters, which only increase. */
export interface MediaCounters {
  /** From the host. */
  readonly videoFrames: number;
  readonly audioPackets: number;
  readonly keyframes: number;
  /** Sent, including held frames. */
  readonly videoFramesSent: number;
  readonly dropped: Readonly<Record<Extract<DropReason, 'after-loss' | 'codec'>, number>>;
}

/** Carries frames from the page to the RTMP session, and counts them. */
export class MediaFlow {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #onPacket: (packet: MediaPacket) => void;
  readonly #program: Program;
  readonly #bytes = new RateMeter(WINDOW_MS);
  readonly #frames = new RateMeter(WINDOW_MS);
  readonly #counts = { videoFrames: 0, audioPackets: 0, keyframes: 0, videoFramesSent: 0, codec: 0 };
  #receiver: number | undefined;
  #receiverSince: number | undefined;
  #videoAt: number | undefined;
  #audioAt: number | undefined;
  #keyframeAt: number | undefined;
  #keyframeInterval: number | undefined;
  #format: VideoFormat | undefined;
  #sizeChangedAt: number[] = [];

  constructor(
    clock: Pick<Clock, 'monotonic'>,
    { keyframeIntervalMs, onPacket, onKeyframeWanted }: MediaFlowOptions,
  ) {
    this.#clock = clock;
    this.#onPacket = onPacket;
    this.#program = new Program({ keyframeIntervalMs, onKeyframeWanted });
  }

  get facts(): MediaFacts {
    const now = this.#clock.monotonic();
    const { count, size } = this.#frames.perSecond(now);
    return {
      videoAt: this.#videoAt,
      audioAt: this.#audioAt,
      format: this.#format,
      unsupportedSize: this.#program.unsupportedSize,
      keyframeAt: this.#keyframeAt,
      receiverSince: this.#receiverSince,
      videoBitrateKbps: (size * 8) / 1_000,
      frameRate: count,
      sizeChanges: this.#sizeChangedAt.filter((at) => at > now - SIZE_CHANGES_WINDOW_MS).length,
      heldSince: this.#program.heldSince,
    };
  }

  /** See Program.setSlate. */
  setSlate(slate: Keyframe | undefined): void {
    this.#program.setSlate(slate);
  }

  /** Accepts a frame from the page. */
  take(frame: EncodedFrame): void {
    const now = this.#clock.monotonic();
    this.#count(frame, now);
    const age = Math.min(Math.max(frame.ageMs, 0), MAX_AGE_MS);
    this.#putOut(this.#program.push(frame, now - age));
    this.#noteFormat(now);
  }

  /** To be called ten times per second: sends what is due without input. */
  tick(): void {
    this.#putOut(this.#program.tick(this.#clock.monotonic()));
  }

  /** Of audio and video, in the last seconds. */
  get inBitrateKbps(): number {
    const now = this.#clock.monotonic();
    return ((this.#bytes.perSecond(now).size + this.#frames.perSecond(now).size) * 8) / 1_000;
  }

  figures(): MediaFigures {
    const now = this.#clock.monotonic();
    return {
      inBitrateKbps: this.inBitrateKbps,
      keyframeIntervalSeconds: this.#keyframeInterval ?? null,
      avOffsetMs: this.#program.avOffsetMs(now),
    };
  }

  counters(): MediaCounters {
    const { codec, ...counts } = this.#counts;
    return { ...counts, dropped: { 'after-loss': this.#program.leftOut, codec } };
  }

  #putOut(packets: readonly MediaPacket[]): void {
    for (const packet of packets) {
      if (packet.kind === 'video') this.#counts.videoFramesSent++;
      this.#onPacket(packet);
    }
  }

  #count(frame: EncodedFrame, now: number): void {
    if (frame.kind === 'audio') {
      this.#bytes.add(now, frame.data.length);
      this.#counts.audioPackets++;
      this.#audioAt = now;
      return;
    }
    this.#counts.videoFrames++;
    this.#frames.add(now, frame.data.length);
    if (videoCodec(frame.mimeType) === undefined) this.#counts.codec++;
    if (frame.receiver !== this.#receiver || now - (this.#videoAt ?? now) > PAUSE_MS) {
      this.#receiver = frame.receiver;
      this.#receiverSince = now;
      this.#keyframeAt = undefined;
    }
    this.#videoAt = now;
    if (!frame.key) return;
    this.#counts.keyframes++;
    if (this.#keyframeAt !== undefined) this.#keyframeInterval = (now - this.#keyframeAt) / 1_000;
    this.#keyframeAt = now;
  }

  #noteFormat(now: number): void {
    const format = this.#program.format;
    const before = this.#format;
    if (format === before) return;
    this.#format = format;
    if (before === undefined || format === undefined) return;
    if (format.width === before.width && format.height === before.height) return;
    this.#sizeChangedAt = [...this.#sizeChangedAt.filter((at) => at > now - SIZE_CHANGES_WINDOW_MS), now];
  }
}
