import type { H264Parameters } from './h264-parameters.ts';
import { canSkip, skippedPicture, type SliceBeginning } from './h264-slice.ts';

/**
 * State of the decoder of an H.264 stream: which pictures can follow, and which frame_num and picture order count an
 * inserted picture must have (ITU-T H.264 sections 7.4.3 and 8.2.1).
 */
export class H264Sequence {
  readonly parameters: H264Parameters;
  #last: SliceBeginning | undefined;
  #lastReference = 0;
  /** By how much the picture order count rises from one picture to the next; undefined until it has been observed. */
  #orderStep: number | undefined;
  /** Number of non-reference pictures inserted since the last picture of the stream. */
  #passing = 0;

  constructor(parameters: H264Parameters) {
    this.parameters = parameters;
  }

  /**
   * Whether no picture is missing between the last picture and this one. The loss of a non-reference picture cannot
   * be detected.
   */
  fits({ idr, frameNum }: SliceBeginning): boolean {
    const { gapsAllowed, progressive } = this.parameters.sps;
    if (idr || gapsAllowed || !progressive) return true;
    return this.#last !== undefined && frameNum === this.#nextFrameNum;
  }

  take(slice: SliceBeginning): void {
    if (slice.idr) this.#orderStep = undefined;
    else if (this.#last !== undefined) {
      const step = this.#orderAhead(slice.order - this.#last.order);
      this.#orderStep = Math.min(this.#orderStep ?? Infinity, step);
    }
    this.#last = slice;
    this.#passing = 0;
    if (slice.reference) this.#lastReference = slice.frameNum;
  }

  /**
   * Repeats the last picture as a non-reference picture, so that the next picture of the stream can still follow. The
   * picture order count leaves room for few of them before the next picture, often for one; without room, returns
   * undefined.
   */
  passing(): Uint8Array | undefined {
    const last = this.#last;
    if (last?.reference !== true || !canSkip(this.parameters)) return undefined;
    const room = this.parameters.sps.orderType === 0 ? (this.#orderStep ?? 0) - 1 : 1;
    if (this.#passing >= room) return undefined;
    this.#passing++;
    const order = this.#wrapOrder(last.order + this.#passing);
    return skippedPicture(this.parameters, { reference: false, frameNum: this.#nextFrameNum, order });
  }

  /** Repeats the last picture as a reference picture. Of the host's next frames, only a keyframe can follow it. */
  continuing(): Uint8Array | undefined {
    const last = this.#last;
    if (last === undefined || !canSkip(this.parameters)) return undefined;
    const slice = {
      ...{ idr: false, reference: true, frameNum: this.#nextFrameNum },
      order: this.#wrapOrder(last.order + 2),
    };
    this.take(slice);
    return skippedPicture(this.parameters, slice);
  }

  get #nextFrameNum(): number {
    return (this.#lastReference + 1) % 2 ** this.parameters.sps.frameNumBits;
  }

  #wrapOrder(order: number): number {
    const { orderType, orderBits } = this.parameters.sps;
    return orderType === 0 ? order % 2 ** orderBits : 0;
  }

  /** Difference of two wrapped counts; negative if a picture is shown before its predecessor. */
  #orderAhead(difference: number): number {
    const range = 2 ** this.parameters.sps.orderBits;
    const ahead = ((difference % range) + range) % range;
    return ahead >= range / 2 ? ahead - range : ahead;
  }
}
