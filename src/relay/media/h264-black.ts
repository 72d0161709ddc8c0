import { BitWriter, nalUnit } from './bits.ts';
import { NAL_IDR, NAL_PPS, NAL_SPS } from './h264.ts';
import type { VideoFormat } from './packet.ts';

const BASELINE = 66;
/** constraint_set0_flag and constraint_set1_flag: Constrained Baseline. */
const CONSTRAINED = 0xc0;
/** Largest picture in macroblocks and level_idc (ITU-T H.264 table A-1). */
const LEVELS = [
  { macroblocks: 1_620, level: 30 },
  { macroblocks: 3_600, level: 31 },
  { macroblocks: 8_192, level: 40 },
  { macroblocks: 36_864, level: 51 },
] as const;
const REFERENCE = 0x60;
/** I_16x16 with DC prediction and no AC or chroma coefficients (table 7-11). */
const I_16X16_DC = 3;

/**
 * A black keyframe, created without an encoder, for a host that sends only audio. Each macroblock repeats the one
 * before it in one byte. The first has no predecessor and is therefore predicted as gray (128); its residual turns it
 * black.
 */
export function blackFrame(width: number, height: number): { data: Uint8Array; format: VideoFormat } {
  const across = Math.ceil(width / 16);
  const down = Math.ceil(height / 16);
  const sps = nalUnit(REFERENCE | NAL_SPS, sequence(width, height, across, down));
  const pps = nalUnit(REFERENCE | NAL_PPS, picture());
  const parameterSets = { sps: sps.subarray(4), pps: pps.subarray(4) };
  const data = Buffer.concat([sps, pps, nalUnit(REFERENCE | NAL_IDR, blackSlice(across * down))]);
  return { data, format: { codec: 'h264', width, height, parameterSets } };
}

function sequence(width: number, height: number, across: number, down: number): Uint8Array {
  const level = LEVELS.find(({ macroblocks }) => across * down <= macroblocks)?.level ?? 51;
  const sps = new BitWriter().bits(BASELINE, 8).bits(CONSTRAINED, 8).bits(level, 8).unsigned(0);
  sps.unsigned(0); // log2_max_frame_num_minus4
  sps.unsigned(2); // pic_order_cnt_type: pictures are shown in decoding order
  sps.unsigned(1).flag(false); // one reference, no gaps
  sps.unsigned(across - 1).unsigned(down - 1);
  sps.flag(true).flag(true); // frames only; direct_8x8_inference_flag
  const right = (across * 16 - width) / 2;
  const bottom = (down * 16 - height) / 2;
  const crop = right > 0 || bottom > 0;
  sps.flag(crop);
  if (crop) sps.unsigned(0).unsigned(right).unsigned(0).unsigned(bottom);
  return sps.flag(false).end().bytes; // no VUI
}

function picture(): Uint8Array {
  const pps = new BitWriter().unsigned(0).unsigned(0);
  pps.flag(false).flag(false).unsigned(0); // CAVLC, one slice group
  pps.unsigned(0).unsigned(0).flag(false).bits(0, 2); // one reference, no weights
  pps.signed(25).signed(0).signed(0); // a quantizer of 51
  return pps.flag(true).flag(false).flag(false).end().bytes; // deblocking can be switched off
}

function blackSlice(macroblocks: number): Uint8Array {
  const slice = new BitWriter(macroblocks + 16).unsigned(0).unsigned(7).unsigned(0);
  slice.bits(0, 4).unsigned(0).bits(0, 2).signed(0).unsigned(1); // frame_num, idr_pic_id, marking, qp, no deblocking
  macroblock(slice);
  // One coefficient of -8 (section 9.2): with a quantizer of 51 it reduces 128 to 16 everywhere in the macroblock.
  slice.bits(0b000101, 6).bits(1, 14).bits(1, 1);
  for (let i = 1; i < macroblocks; i++) {
    macroblock(slice);
    slice.bits(1, 1); // no coefficients
  }
  return slice.end().bytes;
}

/** mb_type, intra_chroma_pred_mode DC, mb_qp_delta 0 */
function macroblock(slice: BitWriter): void {
  slice.unsigned(I_16X16_DC).unsigned(0).signed(0);
}
