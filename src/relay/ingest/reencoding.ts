import { createInterface } from 'node:readline';
import type { Logger } from 'pino';
import { errorText } from '../../base/error-text.ts';
import { MatroskaMuxer } from '../media/matroska.ts';
import type { MediaPacket, VideoFormat } from '../media/packet.ts';
import { RecentPackets } from '../media/recent-packets.ts';
import { startReencoder, type ReencoderProcess } from './ffmpeg.ts';
import { FlvReader, type FlvFrame } from './flv-reader.ts';
import type { TranscodePlan } from './session-plan.ts';

/** How much audio waits for the video that is encoded meanwhile: FFmpeg's start and its delay. */
const AUDIO_WAIT_MS = 1_000;
/** How long the last frames may take after the end of the input. */
const END_LIMIT_MS = 1_000;

/** What a Reencoding needs. */
export interface ReencodingOptions {
  readonly ffmpeg: string;
  readonly plan: TranscodePlan;
  readonly threads: number;
  /** The host's packets since its last keyframe, up to the first frame that is to be encoded. */
  readonly before: readonly MediaPacket[];
  readonly first: MediaPacket;
  readonly format: VideoFormat;
  readonly log: Logger;
  readonly onPacket: (packet: MediaPacket) => void;
  /** Called once, after the last packet. With a text if FFmpeg ended by itself. */
  readonly onDone: (failure: string | undefined) => void;
}

/**
 * One FFmpeg that encodes the host's frames again at a lower bitrate. The packets that come out have the times of those
 * that went in; audio passes in order with them.
 */
export class Reencoding {
  readonly #options: ReencodingOptions;
  readonly #muxer = new MatroskaMuxer();
  readonly #reader = new FlvReader();
  readonly #recent = new RecentPackets();
  readonly #beginMs: number;
  readonly #firstMs: number;
  #audio: MediaPacket[] = [];
  /** Input until FFmpeg runs. */
  #waiting: Buffer[] = [];
  #process: ReencoderProcess | undefined;
  #writtenMs: number;
  #readMs: number;
  #ending = false;
  #done = false;
  #limit: NodeJS.Timeout | undefined;

  constructor(options: ReencodingOptions) {
    const { before, first, format } = options;
    this.#options = options;
    this.#beginMs = before[0]?.timeMs ?? first.timeMs;
    this.#firstMs = first.timeMs;
    this.#writtenMs = first.timeMs;
    this.#readMs = first.timeMs;
    this.#feed(this.#muxer.header(format));
    for (const packet of before) {
      this.#recent.add(packet);
      if (packet.kind === 'video') this.#encode(packet);
    }
    void this.#run();
  }

  get plan(): TranscodePlan {
    return this.#options.plan;
  }

  /** The host's packets since its last keyframe. */
  get recent(): readonly MediaPacket[] {
    return this.#recent.packets;
  }

  /** How far the last frame that came out is behind the last that went in, in milliseconds. */
  get behindMs(): number {
    return this.#writtenMs - this.#readMs;
  }

  write(packet: MediaPacket): void {
    this.#recent.add(packet);
    if (this.#ending) return;
    if (packet.kind === 'video') {
      this.#writtenMs = packet.timeMs;
      this.#encode(packet);
    } else {
      this.#audio.push(packet);
      this.#release(packet.timeMs - AUDIO_WAIT_MS);
    }
  }

  /** Ends the input. The last frames follow, then `onDone`. */
  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#process?.input.end();
    this.#limit = setTimeout(() => this.close(), END_LIMIT_MS);
  }

  /** Ends at once. */
  close(): void {
    this.#ending = true;
    this.#process?.kill('SIGKILL');
    this.#finish(undefined);
  }

  async #run(): Promise<void> {
    const { ffmpeg, plan, threads, log } = this.#options;
    const skipMs = Math.max(0, this.#firstMs - this.#beginMs - 1);
    try {
      const child = await startReencoder(ffmpeg, { plan, skipMs, threads });
      this.#process = child;
      if (this.#done) {
        child.kill('SIGKILL');
        return;
      }
      child.output.on('data', (chunk: Buffer) => {
        for (const frame of this.#reader.push(chunk)) this.#take(frame);
      });
      let last = '';
      createInterface({ input: child.log }).on('line', (line) => {
        last = line;
        log.info({ part: 'reencoder', line }, 'ffmpeg');
      });
      for (const bytes of this.#waiting.splice(0)) child.input.write(bytes);
      if (this.#ending) child.input.end();
      const { code, signal } = await child.closed;
      this.#finish(this.#ending ? undefined : `FFmpeg ended (${signal ?? code ?? 'unknown'}): ${last}`);
    } catch (error) {
      this.#finish(errorText(error));
    }
  }

  #encode({ data, timeMs, format }: MediaPacket): void {
    this.#feed(this.#muxer.video(data, timeMs - this.#beginMs, format !== undefined));
  }

  #feed(bytes: Buffer): void {
    if (this.#process === undefined) this.#waiting.push(bytes);
    else this.#process.input.write(bytes);
  }

  #take({ timeMs, key, data, parameterSets }: FlvFrame): void {
    if (this.#done) return;
    const { width, height } = this.#options.plan;
    const at = this.#firstMs + timeMs;
    this.#readMs = at;
    this.#release(at);
    const format = key ? ({ codec: 'h264', width, height, parameterSets } as const) : undefined;
    this.#options.onPacket({ kind: 'video', timeMs: at, data, ...(format === undefined ? {} : { format }) });
  }

  /** Lets the audio up to this time pass. */
  #release(untilMs: number): void {
    const kept = this.#audio.findIndex(({ timeMs }) => timeMs > untilMs);
    for (const packet of this.#audio.splice(0, kept === -1 ? Infinity : kept)) this.#options.onPacket(packet);
  }

  #finish(failure: string | undefined): void {
    if (this.#done) return;
    this.#done = true;
    clearTimeout(this.#limit);
    this.#release(Infinity);
    this.#options.onDone(failure);
  }
}
