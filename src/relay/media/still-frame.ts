import { readParameters } from './h264-parameters.ts';
import { H264Sequence } from './h264-sequence.ts';
import { readSlice, withIdrPicId } from './h264-slice.ts';
import { beginning } from './h264.ts';
import type { VideoFormat } from './packet.ts';

/** A keyframe with what a decoder needs for it. */
export interface Keyframe {
  /** H.264: an IDR access unit with its parameter sets, Annex B. */
  readonly data: Uint8Array;
  readonly format: VideoFormat;
}

/** Two values that no encoder uses: encoders count up from 0 or alternate between 0 and 1. */
const IDR_PIC_IDS = [65_533, 65_534] as const;

/** end_of_seq_rbsp (ITU-T H.265 section 7.3.2.5): a keyframe after it begins a new sequence, whatever its number. */
const H265_END_OF_SEQUENCE = Uint8Array.of(0, 0, 0, 1, 36 << 1, 1);

/** One keyframe that is shown for any length of time. */
export class StillFrame {
  readonly source: Keyframe;
  readonly #sequence: H264Sequence | undefined;
  readonly #variants: (Uint8Array | undefined)[] = [];
  #count = 0;

  constructor(source: Keyframe) {
    this.source = source;
    const { parameterSets } = source.format;
    this.#sequence = parameterSets && new H264Sequence(readParameters(parameterSets));
  }

  /** The keyframe; consecutive ones differ in their idr_pic_id. */
  key(): Uint8Array {
    if (this.#sequence === undefined) return this.#otherCodec();
    const { slice } = beginning(this.source.data);
    if (slice !== undefined) this.#sequence.take(readSlice(slice, this.#sequence.parameters));
    return this.#variant(this.#count++ % 2, this.#sequence);
  }

  /** The same frame again, in a few bytes; undefined if the stream does not support it. */
  again(): Uint8Array | undefined {
    return this.#sequence?.continuing();
  }

  #otherCodec(): Uint8Array {
    const { data, format } = this.source;
    return format.codec === 'h265' ? Buffer.concat([H265_END_OF_SEQUENCE, data]) : data;
  }

  #variant(index: number, { parameters }: H264Sequence): Uint8Array {
    const known = this.#variants[index];
    if (known !== undefined) return known;
    const { data } = this.source;
    const made = withIdrPicId(data, parameters, IDR_PIC_IDS[index] ?? IDR_PIC_IDS[0]) ?? data;
    this.#variants[index] = made;
    return made;
  }
}
