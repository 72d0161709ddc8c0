/** Codecs in which a host may send its video. */
export const videoCodecs = ['h264', 'h265', 'vp8', 'vp9', 'av1'] as const;
export type VideoCodec = (typeof videoCodecs)[number];

/** What a decoder needs to know before the first frame. */
export interface VideoFormat {
  readonly codec: VideoCodec;
  /** Pixels; 0 where the page did not say. */
  readonly width: number;
  readonly height: number;
  /** H.264 alone: the parameter sets in front of the keyframe, without start codes. */
  readonly parameterSets: ParameterSets | undefined;
}

export interface ParameterSets {
  readonly sps: Uint8Array;
  readonly pps: Uint8Array;
}

/** One packet of the output, on the relay's clock. Times of a kind rise; packets of both come nearly in order. */
export interface MediaPacket {
  readonly kind: 'video' | 'audio';
  /** Milliseconds of the relay's clock at which it was captured, as near as can be told. */
  readonly timeMs: number;
  /** An access unit (H.264 and H.265: Annex B), or an Opus packet. */
  readonly data: Uint8Array;
  /** With a keyframe, and only there: a session can begin here. */
  readonly format?: VideoFormat | undefined;
  /** Not from the host: silence, or a frame that stands in for one that is missing. */
  readonly held?: boolean | undefined;
}

/** Whether frames of both can be in one session without its decoder being told again. */
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
