import type { EncodedFrame } from '../frame-protocol.ts';
import { isSupportedSize, type FrameSize } from './frame-size.ts';
import { readParameters } from './h264-parameters.ts';
import { H264Sequence } from './h264-sequence.ts';
import { readSlice } from './h264-slice.ts';
import { beginning, NAL_IDR, NAL_PPS, NAL_SPS, nalType, withParameterSets } from './h264.ts';
import { sameFormat, type ParameterSets, type VideoCodec, type VideoFormat } from './packet.ts';

/** A frame that may be sent. */
export interface AdmittedFrame {
  readonly data: Uint8Array;
  /** Present with a keyframe. */
  readonly format?: VideoFormat | undefined;
}

const CODECS: Readonly<Record<string, VideoCodec>> = {
  'video/H264': 'h264',
  'video/H265': 'h265',
  'video/VP8': 'vp8',
  'video/VP9': 'vp9',
  'video/AV1': 'av1',
};

/** The codec of a MIME type; undefined if it is not supported. */
export const videoCodec = (mimeType: string): VideoCodec | undefined => CODECS[mimeType];

/**
 * Passes only frames that a decoder of the output can decode: from a keyframe on, as long as no frame is missing. A
 * loss can be detected in H.264 only. Other codecs are transcoded here, and the decoder conceals the loss.
 */
export class DecodabilityFilter {
  #open = false;
  #receiver: number | undefined;
  #format: VideoFormat | undefined;
  /** RTP time of the last frame that passed. */
  #last = 0;
  #sequence: H264Sequence | undefined;
  #unsupportedSize: FrameSize | undefined;

  /** Size of the host's last keyframe, if it is larger than the relay handles; see isSupportedSize. */
  get unsupportedSize(): FrameSize | undefined {
    return this.#unsupportedSize;
  }

  /** Whether the host's next frame can follow the last one; otherwise only a keyframe can be sent. */
  get open(): boolean {
    return this.#open;
  }

  /** Returns the frame as it can be sent; undefined if it must be dropped. */
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
      this.#unsupportedSize = undefined;
    }
    // Retransmitted after the next keyframe had arrived: nothing on air refers to it.
    if (this.#open && !frame.key && isBefore(frame.rtpTimestamp, this.#last)) return undefined;
    if (codec === 'h264') return this.#admitH264(frame);
    if (frame.key) {
      if (frame.width > 0 && !this.#supports(frame)) return undefined;
      this.#open = true;
      this.#sequence = undefined;
      this.#format = { codec, ...sizeOf(frame, this.#format), parameterSets: undefined };
      return { data: frame.data, format: this.#format };
    }
    return this.#open ? { data: frame.data } : undefined;
  }

  /**
   * To be called when something else has been shown: frames that refer to the host's last frame can no longer be
   * decoded.
   */
  close(): void {
    this.#open = false;
  }

  /**
   * Repeats the last frame in a few bytes, so that the host's next frame can still follow if it could before;
   * undefined if that is not possible.
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

  /** A keyframe must carry its parameter sets, because viewers that join the stream at this point have no others. */
  #begin(frame: EncodedFrame, before: readonly Uint8Array[], slice: Uint8Array): AdmittedFrame | undefined {
    const sps = before.find((nal) => nalType(nal) === NAL_SPS);
    const pps = before.find((nal) => nalType(nal) === NAL_PPS);
    const own = sps && pps && { sps, pps };
    const sets = own ?? this.#format?.parameterSets;
    if (sets === undefined) return undefined;
    const { sps: claimed } = readParameters(sets);
    // The decoder of the output believes the parameter sets, and this relay the page.
    const sizes = [claimed.coded, claimed, ...(frame.width > 0 ? [frame] : [])];
    if (!sizes.every((size) => this.#supports(size))) return undefined;
    const format = this.#formatOf(frame, sets);
    this.#sequence ??= new H264Sequence(readParameters(format.parameterSets));
    this.#sequence.take(readSlice(slice, this.#sequence.parameters));
    this.#open = true;
    return { data: own === undefined ? withParameterSets(frame.data, sets) : frame.data, format };
  }

  /** Notes the size of a keyframe that the relay does not handle: nothing can be sent until another one arrives. */
  #supports({ width, height }: FrameSize): boolean {
    const supported = isSupportedSize({ width, height });
    this.#unsupportedSize = supported ? undefined : { width, height };
    if (!supported) this.#open = false;
    return supported;
  }

  #formatOf(frame: EncodedFrame, sets: ParameterSets): VideoFormat & { parameterSets: ParameterSets } {
    const { sps } = readParameters(sets);
    const { width, height } = frame.width > 0 ? frame : sps;
    const format = { codec: 'h264', width, height, parameterSets: sets } as const;
    const known = this.#format;
    if (known?.parameterSets !== undefined && sameFormat(known, format))
      return { ...known, parameterSets: known.parameterSets };
    this.#sequence = undefined;
    // A copy, so that the frame's message buffer is not kept alive.
    const copy = { sps: Uint8Array.from(sets.sps), pps: Uint8Array.from(sets.pps) };
    this.#format = { ...format, parameterSets: copy };
    return { ...format, parameterSets: copy };
  }
}

/** Compares RTP times, which are 32 bits that wrap. */
const isBefore = (one: number, other: number): boolean => ((one - other) | 0) < 0;

/** Keyframes carry their size; one without a size has that of the keyframe before. */
function sizeOf(frame: EncodedFrame, before: VideoFormat | undefined): Pick<VideoFormat, 'width' | 'height'> {
  return frame.width > 0
    ? { width: frame.width, height: frame.height }
    : { width: before?.width ?? 0, height: before?.height ?? 0 };
}
