/** Codecs in which a host may send its video. */
export const videoCodecs = ['h264', 'h265', 'vp8', 'vp9', 'av1'] as const;
export type VideoCodec = (typeof videoCodecs)[number];

/** What a decoder needs before the first frame. */
export interface VideoFormat {
  readonly codec: VideoCodec;
  /** Pixels; 0 if the page did not report them. */
  readonly width: number;
  readonly height: number;
  /** H.264 only: the parameter sets of the keyframe, without start codes. */
  readonly parameterSets: ParameterSets | undefined;
}

/** Sequence and picture parameter set, without start codes. */
export interface ParameterSets {
  readonly sps: Uint8Array;
  readonly pps: Uint8Array;
}

/**
 * One packet of the output, on the relay's clock. The times of each kind increase; packets of both kinds are nearly
 * in order.
 */
export interface MediaPacket {
  readonly kind: 'video' | 'audio';
  /** Capture time in milliseconds of the relay's clock, as far as it can be determined. */
  readonly timeMs: number;
  /** An access unit (H.264 and H.265: Annex B), or an Opus packet. */
  readonly data: Uint8Array;
  /** Present only with a keyframe: a session can begin here. */
  readonly format?: VideoFormat | undefined;
  /** Not from the host: silence, or a frame that replaces a missing one. */
  readonly held?: boolean | undefined;
}

/** Whether frames of both formats can be in one session without new parameters for its decoder. */
export function sameFormat(one: VideoFormat, other: VideoFormat): boolean {
  return (
    one.codec === other.codec &&
    one.width === other.width &&
    one.height === other.height &&
    sameBytes(one.parameterSets?.sps, other.parameterSets?.sps) &&
    sameBytes(one.parameterSets?.pps, other.parameterSets?.pps)
  );
}

function sameBytes(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
