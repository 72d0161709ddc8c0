import { createInterface } from 'node:readline';
import type { Logger } from 'pino';
import { MatroskaMuxer } from '../media/matroska.ts';
import type { MediaPacket } from '../media/timeline.ts';
import { startFfmpeg, type EncoderProcess } from './ffmpeg.ts';
import { classifyTunnelEnd, type IngestFailure } from './ingest-failure.ts';
import type { IngestTarget } from './ingest-target.ts';
import { IngestTunnel, type TunnelEnd } from './tunnel.ts';

/** More than this waiting for FFmpeg means that the network is slower than the host: whole groups are dropped then. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** How long a session may take to say goodbye before it is cut. */
const GOODBYE_MS = 2_000;

export interface SessionOptions {
  readonly ffmpeg: string;
  readonly target: IngestTarget;
  readonly log: Logger;
  /** Called once. Without a failure when the session was closed from here. */
  readonly onEnd: (session: IngestSession, failure: IngestFailure | undefined) => void;
}

/** One RTMP session: an FFmpeg, its way to the ingest, and a multiplexer that begins at a key frame. */
export class IngestSession {
  readonly #options: SessionOptions;
  readonly #tunnel: IngestTunnel;
  readonly #encoder: EncoderProcess;
  readonly #tunnelEnded: Promise<TunnelEnd>;
  readonly #muxer = new MatroskaMuxer();
  #startMs: number | undefined;
  #holding = false;
  #closing = false;
  #reported = false;
  #lastLogLine = '';
  droppedFrames = 0;

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
    const ended = Promise.withResolvers<TunnelEnd>();
    const tunnel = await IngestTunnel.open(options.target, ended.resolve);
    try {
      const encoder = await startFfmpeg(options.ffmpeg, options.target, tunnel.port);
      return new IngestSession(options, tunnel, encoder, ended.promise);
    } catch (error) {
      tunnel.close();
      throw error;
    }
  }

  get publishing(): boolean {
    return this.#tunnel.step === 'publishing';
  }

  get acceptedBytes(): number {
    return this.#tunnel.acceptedBytes;
  }

  get encoderPid(): number {
    return this.#encoder.pid;
  }

  /** Takes packets from the first key frame on; what a slow network leaves no room for is dropped until the next. */
  write(packet: MediaPacket): void {
    if (this.#closing || !this.#wanted(packet)) return;
    const { kind, data, format } = packet;
    const { input } = this.#encoder;
    if (this.#startMs === undefined) {
      if (format === undefined) return;
      this.#startMs = packet.timeMs;
      input.write(this.#muxer.header(format));
    }
    const timeMs = packet.timeMs - this.#startMs;
    if (timeMs < 0) return;
    input.write(
      kind === 'video'
        ? this.#muxer.video(data, timeMs, format !== undefined)
        : this.#muxer.audio(data, timeMs),
    );
  }

  /** Pictures are held back from where there was no room, until the next key frame; sound goes on. */
  #wanted({ kind, format }: MediaPacket): boolean {
    if (kind === 'audio') return true;
    if (this.#encoder.input.writableLength > MAX_WAITING_BYTES) this.#holding = true;
    else if (format !== undefined) this.#holding = false;
    if (this.#holding) this.droppedFrames++;
    return !this.#holding;
  }

  /** Sends what is under way, ends the RTMP session properly and waits for FFmpeg to be gone. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#encoder.input.end();
    // There is nobody to say goodbye to before the ingest has taken the stream.
    const cut = setTimeout(() => this.#cut(), this.publishing ? GOODBYE_MS : 0);
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

  /** FFmpeg learns of the ingest through the tunnel alone, so the tunnel's end comes first unless FFmpeg is the cause. */
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
    const how = signal === null ? `with exit code ${code ?? 'unknown'}` : `by ${signal}`;
    const why = this.#lastLogLine === '' ? '' : `: ${this.#lastLogLine}`;
    return { reason: 'EncoderCrashed', message: `FFmpeg was ended ${how}${why}`, refused: false };
  }

  #logLine(line: string): void {
    const safe = line.replaceAll(this.#options.target.streamKey.reveal(), '[redacted]');
    this.#lastLogLine = safe;
    this.#options.log.info({ part: 'ffmpeg', line: safe }, 'ffmpeg');
  }
}
