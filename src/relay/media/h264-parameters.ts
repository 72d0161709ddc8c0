import { BitReader, unescape } from './bits.ts';
import type { FrameSize } from './frame-size.ts';
import type { ParameterSets } from './packet.ts';

/**
 * Fields of an H.264 stream's parameter sets (ITU-T H.264 sections 7.3.2.1 and 7.3.2.2) that are needed to read and
 * write its slices.
 */
export interface H264Parameters {
  readonly sps: {
    readonly id: number;
    /** Pixels, after cropping. */
    readonly width: number;
    readonly height: number;
    /** Pixels that a decoder allocates, before cropping. */
    readonly coded: FrameSize;
    /** Macroblocks per picture. */
    readonly macroblocks: number;
    readonly frameNumBits: number;
    readonly gapsAllowed: boolean;
    readonly orderType: number;
    /** Bits of pic_order_cnt_lsb; used with order type 0. */
    readonly orderBits: number;
    /** Used with order type 1. */
    readonly orderDeltaAlwaysZero: boolean;
    readonly referenceFrames: number;
    /** No fields, neither as pictures nor in macroblocks. */
    readonly progressive: boolean;
    readonly separatePlanes: boolean;
  };
  readonly pps: {
    readonly id: number;
    readonly cabac: boolean;
    readonly fieldOrderPresent: boolean;
    readonly sliceGroups: number;
    readonly weightedPrediction: boolean;
    readonly deblockingControl: boolean;
    readonly redundantPictures: boolean;
  };
}

/** Parses the parameter sets. */
export function readParameters(sets: ParameterSets): H264Parameters {
  return { sps: readSps(sets.sps), pps: readPps(sets.pps) };
}

/** Profiles whose sequence parameter set contains the chroma format (section 7.3.2.1.1). */
const PROFILES_WITH_CHROMA = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

function readSps(nal: Uint8Array): H264Parameters['sps'] {
  const reader = new BitReader(unescape(nal.subarray(1)));
  const profile = reader.bits(8);
  reader.bits(16); // constraints, level
  const id = reader.unsigned();
  const { chroma, separatePlanes } = PROFILES_WITH_CHROMA.has(profile)
    ? readChroma(reader)
    : { chroma: 1, separatePlanes: false };
  const frameNumBits = counterBits(reader);
  const order = readOrder(reader);
  const referenceFrames = reader.unsigned();
  const gapsAllowed = reader.flag();
  const across = reader.unsigned() + 1;
  const down = reader.unsigned() + 1;
  const progressive = reader.flag();
  if (!progressive) reader.flag(); // mb_adaptive_frame_field_flag
  reader.flag(); // direct_8x8_inference_flag
  const size = { width: across * 16, height: down * 16 * (progressive ? 1 : 2) };
  return {
    ...{ id, frameNumBits, referenceFrames, gapsAllowed, progressive, separatePlanes, ...order },
    ...cropped(reader, size, chroma, progressive),
    coded: size,
    macroblocks: across * down * (progressive ? 1 : 2),
  };
}

function readChroma(reader: BitReader): { chroma: number; separatePlanes: boolean } {
  const chroma = reader.unsigned();
  const separatePlanes = chroma === 3 && reader.flag();
  reader.unsigned(); // bit_depth_luma_minus8
  reader.unsigned(); // bit_depth_chroma_minus8
  reader.flag(); // qpprime_y_zero_transform_bypass_flag
  if (reader.flag()) {
    for (let list = 0; list < (chroma === 3 ? 12 : 8); list++) {
      if (reader.flag()) skipScalingList(reader, list < 6 ? 16 : 64);
    }
  }
  return { chroma, separatePlanes };
}

function skipScalingList(reader: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let i = 0; i < size; i++) {
    if (next !== 0) next = (last + reader.signed() + 256) % 256;
    if (next !== 0) last = next;
  }
}

/** log2_max_..._minus4, which is at most 12. */
const counterBits = (reader: BitReader): number => Math.min(reader.unsigned(), 12) + 4;

function readOrder(
  reader: BitReader,
): Pick<H264Parameters['sps'], 'orderType' | 'orderBits' | 'orderDeltaAlwaysZero'> {
  const orderType = reader.unsigned();
  if (orderType === 0) return { orderType, orderBits: counterBits(reader), orderDeltaAlwaysZero: true };
  if (orderType !== 1) return { orderType, orderBits: 0, orderDeltaAlwaysZero: true };
  const orderDeltaAlwaysZero = reader.flag();
  reader.signed(); // offset_for_non_ref_pic
  reader.signed(); // offset_for_top_to_bottom_field
  for (let left = Math.min(reader.unsigned(), 255); left > 0; left--) reader.signed();
  return { orderType, orderBits: 0, orderDeltaAlwaysZero };
}

function cropped(
  reader: BitReader,
  { width, height }: { width: number; height: number },
  chroma: number,
  progressive: boolean,
): { width: number; height: number } {
  if (!reader.flag()) return { width, height };
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
  const unitY = (chroma === 1 ? 2 : 1) * (progressive ? 1 : 2);
  const across = reader.unsigned() + reader.unsigned();
  const down = reader.unsigned() + reader.unsigned();
  return { width: width - unitX * across, height: height - unitY * down };
}

function readPps(nal: Uint8Array): H264Parameters['pps'] {
  const reader = new BitReader(unescape(nal.subarray(1)));
  const id = reader.unsigned();
  reader.unsigned(); // seq_parameter_set_id
  const cabac = reader.flag();
  const fieldOrderPresent = reader.flag();
  const sliceGroups = reader.unsigned() + 1;
  const base = { id, cabac, fieldOrderPresent, sliceGroups };
  // What follows is not read if there are slice groups: such a stream is only passed through.
  if (sliceGroups > 1) {
    return { ...base, weightedPrediction: false, deblockingControl: false, redundantPictures: false };
  }
  reader.unsigned(); // num_ref_idx_l0_default_active_minus1
  reader.unsigned(); // num_ref_idx_l1_default_active_minus1
  const weightedPrediction = reader.flag();
  reader.bits(2); // weighted_bipred_idc
  reader.signed(); // pic_init_qp_minus26
  reader.signed(); // pic_init_qs_minus26
  reader.signed(); // chroma_qp_index_offset
  const deblockingControl = reader.flag();
  reader.flag(); // constrained_intra_pred_flag
  return { ...base, weightedPrediction, deblockingControl, redundantPictures: reader.flag() };
}
