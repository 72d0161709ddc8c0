import type { EncodedFrame } from '../frame-protocol.ts';
import { readParameters } from './h264-parameters.ts';
import { H264Sequence } from './h264-sequence.ts';
import { readSlice } from './h264-slice.ts';
import { beginning, NAL_IDR, NAL_PPS, NAL_SPS, nalType, withParameterSets } from './h264.ts';
import { sameFormat, type ParameterSets, type VideoCodec, type VideoFormat } from './packet.ts';

export interface AdmittedFrame {
  readonly data: Uint8Array;
  /** With a keyframe. */
  readonly format?: VideoFormat | undefined;
}

const codecs: Readonly<Record<string, VideoCodec>> = {
  'video/H264': 'h264',
  'video/H265': 'h265',
  'video/VP8': 'vp8',
  'video/VP9': 'vp9',
  'video/AV1': 'av1',
};

/** undefined for a codec that no one here knows. */
export const videoCodec = (mimeType: string): VideoCodec | undefined => codecs[mimeType];

/**
 * Lets those frames through that a decoder of the output can decode: from a keyframe on, as long as none is
 * missing. A loss shows in H.264 alone; of the other codecs, which are decoded here, the decoder hides it.
 */
export class DecodabilityFilter {
  #open = false;
  #receiver: number | undefined;
  #format: VideoFormat | undefined;
  /** RTP time of the last frame that was let through. */
  #last = 0;
  #sequence: H264Sequence | undefined;

  /** Whether the host's next frame can go on from the last one; else only a keyframe can. */
  get open(): boolean {
    return this.#open;
  }

  /** undefined: it has to be left out. */
  admit(frame: EncodedFrame, codec: VideoCodec): AdmittedFrame | undefined {
    const admitted = this.#fitting(frame, codec);
    if (admitted !== undefined) this.#last = frame.rtpTimestamp;
    return admitted;
  }

  #fitting(frame: EncodedFrame, codec: VideoCodec): AdmittedFrame | undefined {
    if (codec !== this.#format?.codec) this.#open = false;
    if (frame.receiver !== this.#receiver) {
      this.#receiver = frame.receiver;
      this.#open = false;
      this.#format = undefined;
    }
    // Sent again after the next keyframe had come: nothing on air builds on it.
    if (this.#open && !frame.key && isBefore(frame.rtpTimestamp, this.#last)) return undefined;
    if (codec === 'h264') return this.#admitH264(frame);
    if (frame.key) {
      this.#open = true;
      this.#sequence = undefined;
      this.#format = { codec, ...sizeOf(frame, this.#format), parameterSets: undefined };
      return { data: frame.data, format: this.#format };
    }
    return this.#open ? { data: frame.data } : undefined;
  }

  /** Something else has been shown: what builds on the host's last frame can not be decoded any longer. */
  close(): void {
    this.#open = false;
  }

  /**
   * The last frame once more, in a few bytes, after which the host's next one still fits if it did before; undefined
   * where that is not to be had.
   */
  again(): Uint8Array | undefined {
    return this.#open ? this.#sequence?.passing() : this.#sequence?.continuing();
  }

  #admitH264(frame: EncodedFrame): AdmittedFrame | undefined {
    if (!frame.key && !this.#open) return undefined;
    const { before, slice } = beginning(frame.data);
    if (slice === undefined) return undefined;
    if (nalType(slice) === NAL_IDR) return this.#begin(frame, before, slice);
    if (!this.#open || this.#sequence === undefined) return undefined;
    const picture = readSlice(slice, this.#sequence.parameters);
    this.#open = this.#sequence.fits(picture);
    if (!this.#open) return undefined;
    this.#sequence.take(picture);
    return { data: frame.data };
  }

  /** A keyframe must carry its parameter sets: what joins the stream here knows no others. */
  #begin(frame: EncodedFrame, before: readonly Uint8Array[], slice: Uint8Array): AdmittedFrame | undefined {
    const sps = before.find((nal) => nalType(nal) === NAL_SPS);
    const pps = before.find((nal) => nalType(nal) === NAL_PPS);
    const own = sps && pps && { sps, pps };
    const sets = own ?? this.#format?.parameterSets;
    if (sets === undefined) return undefined;
    const format = this.#formatOf(frame, sets);
    this.#sequence ??= new H264Sequence(readParameters(format.parameterSets));
    this.#sequence.take(readSlice(slice, this.#sequence.parameters));
    this.#open = true;
    return { data: own === undefined ? withParameterSets(frame.data, sets) : frame.data, format };
  }

  #formatOf(frame: EncodedFrame, sets: ParameterSets): VideoFormat & { parameterSets: ParameterSets } {
    const { sps } = readParameters(sets);
    const { width, height } = frame.width > 0 ? frame : sps;
    const format = { codec: 'h264', width, height, parameterSets: sets } as const;
    const known = this.#format;
    if (known?.parameterSets !== undefined && sameFormat(known, format))
      return { ...known, parameterSets: known.parameterSets };
    this.#sequence = undefined;
    // A copy: the frame's memory is a message buffer that should not be kept alive.
    const copy = { sps: Uint8Array.from(sets.sps), pps: Uint8Array.from(sets.pps) };
    this.#format = { ...format, parameterSets: copy };
    return { ...format, parameterSets: copy };
  }
}

/** RTP time is 32 bits that wrap. */
const isBefore = (one: number, other: number): boolean => ((one - other) | 0) < 0;

/** Keyframes say their size; one that does not has that of the one before. */
function sizeOf(frame: EncodedFrame, before: VideoFormat | undefined): Pick<VideoFormat, 'width' | 'height'> {
  return frame.width > 0
    ? { width: frame.width, height: frame.height }
    : { width: before?.width ?? 0, height: before?.height ?? 0 };
}
