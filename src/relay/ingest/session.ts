import { createInterface } from 'node:readline';
import type { Logger } from 'pino';
import type { Clock } from '../../base/clock.ts';
import { MatroskaMuxer } from '../media/matroska.ts';
import type { MediaPacket, VideoCodec, VideoFormat } from '../media/packet.ts';
import { AckTracker } from './ack-tracker.ts';
import { startFfmpeg, type EncoderProcess } from './ffmpeg.ts';
import { GopDropper } from './gop-dropper.ts';
import { classifyTunnelEnd, type IngestFailure } from './ingest-failure.ts';
import type { IngestTarget } from './ingest-target.ts';
import type { SessionPlan } from './session-plan.ts';
import { IngestTunnel, type TunnelEnd } from './tunnel.ts';

/** How long a session may take to close cleanly before it is cut. */
const CLOSE_LIMIT_MS = 2_000;

/**
 * A session begins with a frame, and FFmpeg's FLV multiplexer accepts nothing older than its first packet. The AAC
 * encoder's first packet is 1,024 samples older than its input.
 */
const FIRST_AUDIO_MS = 100;

/** What a session needs. */
export interface SessionOptions {
  readonly ffmpeg: string;
  readonly target: IngestTarget;
  readonly plan: SessionPlan;
  /** Milliseconds from the first packet to the present: a transcode does not encode that part again. */
  readonly skipMs: number;
  /** Limit for connecting to the ingest, in milliseconds. */
  readonly dialLimitMs: number;
  /** Number of cores of the container. */
  readonly cores: number;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Logger;
  /** Called once. Without a failure when the session was closed by the relay. */
  readonly onEnd: (session: IngestSession, failure: IngestFailure | undefined) => void;
}

/** One RTMP session: an FFmpeg, its tunnel to the ingest, and a multiplexer that begins at a keyframe. */
export class IngestSession {
  readonly #options: SessionOptions;
  readonly #tunnel: IngestTunnel;
  readonly #encoder: EncoderProcess;
  readonly #tunnelEnded: Promise<TunnelEnd>;
  readonly #muxer = new MatroskaMuxer();
  readonly #gate = new GopDropper();
  /** How much of its input FFmpeg has read. */
  readonly #input = new AckTracker(0);
  #start: { readonly timeMs: number; readonly format: VideoFormat } | undefined;
  #codec: VideoCodec | undefined;
  #closing = false;
  #reported = false;
  #lastLogLine = '';

  private constructor(
    options: SessionOptions,
    tunnel: IngestTunnel,
    encoder: EncoderProcess,
    tunnelEnded: Promise<TunnelEnd>,
  ) {
    this.#options = options;
    this.#tunnel = tunnel;
    this.#encoder = encoder;
    this.#tunnelEnded = tunnelEnded;
    createInterface({ input: encoder.log }).on('line', (line) => this.#logLine(line));
    void this.#watch();
  }

  static async open(options: SessionOptions): Promise<IngestSession> {
    const { ffmpeg, target, plan, skipMs, dialLimitMs, cores, clock } = options;
    const ended = Promise.withResolvers<TunnelEnd>();
    const tunnel = await IngestTunnel.open({ target, dialLimitMs, clock, onEnd: ended.resolve });
    try {
      const job = { target, plan, skipMs, threads: cores, tunnelPort: tunnel.port };
      return new IngestSession(options, tunnel, await startFfmpeg(ffmpeg, job), ended.promise);
    } catch (error) {
      tunnel.close();
      throw error;
    }
  }

  get plan(): SessionPlan {
    return this.#options.plan;
  }

  /** Format of the keyframe that the session began with; undefined before. */
  get format(): VideoFormat | undefined {
    return this.#start?.format;
  }

  /** How long connecting to the ingest took, in milliseconds; undefined before. */
  get dialMs(): number | undefined {
    return this.#tunnel.dialMs;
  }

  get publishing(): boolean {
    return this.#tunnel.step === 'publishing';
  }

  /** When FFmpeg last produced output. */
  get encodedAt(): number | undefined {
    return this.#tunnel.encodedAt;
  }

  get acceptedBytes(): number {
    return this.#tunnel.acceptedBytes;
  }

  get acceptedAt(): number | undefined {
    return this.#tunnel.acceptedAt;
  }

  get lagMs(): number {
    return this.#tunnel.lagMs;
  }

  /** Number of frames dropped because the path to the ingest, or FFmpeg, was too slow. */
  get droppedFrames(): number {
    return this.#gate.droppedFrames;
  }

  /** How many times frames were dropped up to a keyframe. */
  get droppedGops(): number {
    return this.#gate.droppedGops;
  }

  get encoderPid(): number {
    return this.#encoder.pid;
  }

  /** Accepts a packet. Packets before the first keyframe are ignored. */
  write(packet: MediaPacket): void {
    const { kind, data, format } = packet;
    if (this.#closing) return;
    if (this.#start === undefined) {
      if (format === undefined) return;
      this.#start = { timeMs: packet.timeMs, format };
      this.#feed(this.#muxer.header(format));
    }
    if (format !== undefined) this.#codec = format.codec;
    // Frames of another codec need another session, which the relay is about to open.
    if (kind === 'video' && this.#codec !== this.#start.format.codec) return;
    const timeMs = packet.timeMs - this.#start.timeMs;
    if (timeMs < (kind === 'audio' ? FIRST_AUDIO_MS : 0)) return;
    if (!this.#gate.admits(packet, this.#behindMs())) return;
    this.#feed(
      kind === 'video'
        ? this.#muxer.video(data, timeMs, format !== undefined)
        : this.#muxer.audio(data, timeMs),
    );
  }

  #feed(bytes: Uint8Array): void {
    this.#input.sent(bytes.length, this.#options.clock.monotonic());
    this.#encoder.input.write(bytes);
  }

  /** Age in milliseconds of the oldest bytes in transit, on either side of FFmpeg. */
  #behindMs(): number {
    const now = this.#options.clock.monotonic();
    this.#input.holds(this.#encoder.input.writableLength, now);
    return Math.max(this.#tunnel.lagMs, this.#input.lagMs(now));
  }

  /** Sends what is in transit, ends the RTMP session cleanly and waits until FFmpeg has exited. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#encoder.input.end();
    // Before the ingest has accepted the stream, there is no one to say goodbye to.
    const cut = setTimeout(() => this.#cut(), this.publishing ? CLOSE_LIMIT_MS : 0);
    await Promise.all([this.#encoder.exited, this.#tunnelEnded]);
    clearTimeout(cut);
  }

  /** Ends the session because of `failure`, without a goodbye. */
  fail(failure: IngestFailure): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#cut();
    this.#report(failure);
  }

  #cut(): void {
    this.#encoder.kill('SIGKILL');
    this.#tunnel.close();
  }

  /** FFmpeg learns about the ingest only through the tunnel, so the tunnel ends first unless FFmpeg is the cause. */
  async #watch(): Promise<void> {
    const exit = this.#encoder.exited.then((how) => this.#encoderFailure(how));
    const end = this.#tunnelEnded.then((how) => (how.by === 'ingest' ? classifyTunnelEnd(how) : exit));
    const first = await Promise.race([end, exit]);
    if (!this.#closing) {
      this.fail(first);
      return;
    }
    await Promise.all([this.#encoder.exited, this.#tunnelEnded]);
    this.#report(undefined);
  }

  #report(failure: IngestFailure | undefined): void {
    if (this.#reported) return;
    this.#reported = true;
    this.#options.onEnd(this, failure);
  }

  #encoderFailure({ code, signal }: { code: number | null; signal: string | null }): IngestFailure {
    // When an ingest rejects the stream but leaves the connection open, it is FFmpeg that closes it.
    const end = this.#tunnel.leftByEncoder;
    if (end.statusCode !== undefined) return classifyTunnelEnd(end);
    const message =
      signal === null ? `FFmpeg exited with code ${code ?? 'unknown'}.` : `FFmpeg was killed by ${signal}.`;
    const detail = this.#lastLogLine === '' ? {} : { detail: this.#lastLogLine };
    return { reason: 'EncoderCrashed', message, ...detail, refused: false };
  }

  #logLine(line: string): void {
    const safe = line.replaceAll(this.#options.target.streamKey.reveal(), '[redacted]');
    this.#lastLogLine = safe;
    this.#options.log.info({ part: 'ffmpeg', line: safe }, 'ffmpeg');
  }
}
