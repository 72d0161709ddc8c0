/** Pixels. */
export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

/** Longest side of a frame, upright or not: 4K, as cinemas have it. */
export const MAX_FRAME_SIDE = 4_096;
/** Most pixels of a frame: 36,864 macroblocks, the limit of level 5.1 (ITU-T H.264 table A-1), as in 4096x2304. */
export const MAX_FRAME_PIXELS = 9_437_184;

/**
 * Whether the relay handles frames of this size. A host can claim any size in a few bytes, while whatever decodes, encodes or
 * fills such a frame needs memory for each pixel; so the claim is checked before anything else is done with it.
 */
export function isSupportedSize({ width, height }: FrameSize): boolean {
  return (
    Math.min(width, height) >= 2 &&
    Math.max(width, height) <= MAX_FRAME_SIDE &&
    width * height <= MAX_FRAME_PIXELS
  );
}
