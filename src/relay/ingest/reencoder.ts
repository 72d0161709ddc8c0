import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import type { ReencoderFacts } from '../facts.ts';
import type { MediaPacket } from '../media/packet.ts';
import { ENCODER_BEHIND_MS } from '../timing.ts';
import { Reencoding } from './reencoding.ts';
import { samePlan, type TranscodePlan } from './session-plan.ts';

/** What a Reencoder needs. */
export interface ReencoderOptions {
  readonly ffmpeg: string;
  /** Default: the number of cores of the container. */
  readonly threads?: number;
  readonly log: Logger;
  /** The packets since the last keyframe that were passed on. */
  readonly recent: () => readonly MediaPacket[];
  readonly onPacket: (packet: MediaPacket) => void;
}

/**
 * Between the host's packets and the RTMP session: passes everything on, or encodes video again at a lower bitrate.
 * Whatever changes, the packets that come out are one stream: times increase, each encoder begins with a keyframe, and
 * the host's own frames return with a keyframe. The session therefore needs no change.
 */
export class Reencoder {
  readonly #options: ReencoderOptions;
  #wanted: TranscodePlan | undefined;
  /** The encoder whose packets are passed on, and those that follow it: a change ends one after the other. */
  #encodings: { readonly encoding: Reencoding; readonly output: MediaPacket[] }[] = [];
  /** The host's own packets that follow the last encoder; undefined while it is in use. */
  #after: MediaPacket[] | undefined;
  /** After an encoder that failed, the host's frames can be decoded only from its next keyframe on. */
  #awaitsKeyframe = false;
  #failures = 0;

  constructor(options: ReencoderOptions) {
    this.#options = options;
  }

  get facts(): ReencoderFacts {
    return { plan: this.#wanted, failures: this.#failures };
  }

  /** Sets how video is encoded from the next possible frame on; undefined: as the host sends it. */
  want(plan: TranscodePlan | undefined): void {
    this.#wanted = plan;
  }

  write(packet: MediaPacket): void {
    if (this.#wanted === undefined && this.#encodings.length === 0 && !this.#awaitsKeyframe) {
      this.#options.onPacket(packet);
      return;
    }
    if (packet.kind === 'video') {
      if (this.#awaitsKeyframe && packet.format === undefined) return;
      this.#awaitsKeyframe = false;
      this.#change(packet);
    }
    const current = this.#encodings.at(-1);
    if (this.#after !== undefined) this.#after.push(packet);
    else if (current === undefined) this.#options.onPacket(packet);
    else {
      current.encoding.write(packet);
      if (current.encoding.behindMs > ENCODER_BEHIND_MS) this.#fail('The encoder is too slow.');
    }
  }

  close(): void {
    this.#wanted = undefined;
    for (const { encoding } of [...this.#encodings]) encoding.close();
  }

  /** Begins with what is wanted, if that is possible with this frame. */
  #change(first: MediaPacket): void {
    const wanted = this.#wanted;
    const current = this.#after === undefined ? this.#encodings.at(-1)?.encoding : undefined;
    if (wanted === undefined) {
      if (current === undefined || first.format === undefined) return;
      this.#after = [];
      current.end();
      return;
    }
    if (current !== undefined && samePlan(current.plan, wanted)) return;
    // The host's frames are on their way back: the next encoder begins when they have arrived.
    if (this.#after !== undefined) return;
    const recent = current?.recent ?? this.#options.recent();
    const before = first.format === undefined ? recent.filter(({ kind }) => kind === 'video') : [];
    const format = first.format ?? before[0]?.format;
    if (format === undefined) return;
    this.#begin(wanted, before, first, format);
    current?.end();
  }

  #begin(
    plan: TranscodePlan,
    before: readonly MediaPacket[],
    first: MediaPacket,
    format: NonNullable<MediaPacket['format']>,
  ): void {
    const { ffmpeg, threads = availableParallelism(), log } = this.#options;
    const output: MediaPacket[] = [];
    const encoding: Reencoding = new Reencoding({
      ...{ ffmpeg, plan, threads, before, first, format, log },
      onPacket: (packet) => {
        if (this.#encodings[0]?.encoding === encoding) this.#options.onPacket(packet);
        else output.push(packet);
      },
      onDone: (failure) => this.#ended(encoding, failure),
    });
    this.#encodings.push({ encoding, output });
    log.info(
      { part: 'reencoder', kbps: plan.videoBitrateKbps, width: plan.width, height: plan.height },
      'encoding',
    );
  }

  #ended(encoding: Reencoding, failure: string | undefined): void {
    const wasFirst = this.#encodings[0]?.encoding === encoding;
    this.#encodings = this.#encodings.filter((each) => each.encoding !== encoding);
    if (failure !== undefined) this.#note(failure);
    if (!wasFirst) return;
    const next = this.#encodings[0];
    if (next !== undefined) {
      for (const packet of next.output.splice(0)) this.#options.onPacket(packet);
      return;
    }
    const after = this.#after ?? [];
    this.#awaitsKeyframe = this.#after === undefined;
    this.#after = undefined;
    for (const packet of after) this.#options.onPacket(packet);
  }

  #fail(failure: string): void {
    this.#note(failure);
    for (const { encoding } of [...this.#encodings]) encoding.close();
  }

  /** Until another plan is wanted, the host's frames are passed on as they are. */
  #note(failure: string): void {
    this.#failures++;
    this.#wanted = undefined;
    this.#options.log.warn(
      { part: 'reencoder', failures: this.#failures, detail: failure },
      'encoder failed',
    );
  }
}
