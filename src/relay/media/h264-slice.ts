import { BitReader, BitWriter, nalUnit, unescape } from './bits.ts';
import type { H264Parameters } from './h264-parameters.ts';
import { NAL_IDR, NAL_SLICE, nalType, nalUnits } from './h264.ts';

/** The beginning of a slice header (ITU-T H.264 section 7.3.3), which identifies the slice's picture. */
export interface SliceBeginning {
  readonly idr: boolean;
  readonly reference: boolean;
  readonly frameNum: number;
  /** pic_order_cnt_lsb; 0 unless the order type is 0. */
  readonly order: number;
}

/** Longer than the part that is read of any slice header. */
const BEGINNING_BYTES = 48;

/** Parses the beginning of a slice header. */
export function readSlice(nal: Uint8Array, { sps }: Pick<H264Parameters, 'sps'>): SliceBeginning {
  const header = nal[0] ?? 0;
  const reader = new BitReader(unescape(nal.subarray(1, BEGINNING_BYTES)));
  const idr = (header & 0x1f) === NAL_IDR;
  const { frameNum } = readToFrameNum(reader, sps);
  if (!sps.progressive && reader.flag()) reader.flag(); // field_pic_flag, bottom_field_flag
  if (idr) reader.unsigned(); // idr_pic_id
  return { idr, reference: (header & 0x60) !== 0, frameNum, order: reader.bits(sps.orderBits) };
}

function readToFrameNum(
  reader: BitReader,
  sps: H264Parameters['sps'],
): { parameters: number; frameNum: number } {
  reader.unsigned(); // first_mb_in_slice
  reader.unsigned(); // slice_type
  const parameters = reader.unsigned();
  if (sps.separatePlanes) reader.bits(2);
  return { parameters, frameNum: reader.bits(sps.frameNumBits) };
}

const P_SLICES = 5;
const REFERENCE = 0x40;

/** Whether `skippedPicture` supports the stream. */
export function canSkip({ sps, pps }: H264Parameters): boolean {
  const plain = sps.progressive && !sps.separatePlanes && sps.referenceFrames > 0;
  return plain && !pps.cabac && pps.sliceGroups === 1 && !pps.weightedPrediction;
}

/**
 * A picture in which every macroblock is skipped (P_Skip, section 7.3.4): it shows the reference picture before it
 * again.
 */
export function skippedPicture(
  { sps, pps }: H264Parameters,
  { reference, frameNum, order }: Omit<SliceBeginning, 'idr'>,
): Uint8Array {
  const slice = new BitWriter().unsigned(0).unsigned(P_SLICES).unsigned(pps.id);
  slice.bits(frameNum, sps.frameNumBits);
  writeOrder(slice, { sps, pps }, order);
  // One reference, whatever the default: after a keyframe there is only one.
  slice.flag(true).unsigned(0);
  slice.flag(false); // ref_pic_list_modification_flag_l0
  if (reference) slice.flag(false); // adaptive_ref_pic_marking_mode_flag
  slice.signed(0); // slice_qp_delta
  if (pps.deblockingControl) slice.unsigned(1); // none
  slice.unsigned(sps.macroblocks).end(); // mb_skip_run
  return nalUnit((reference ? REFERENCE : 0) | NAL_SLICE, slice.bytes);
}

function writeOrder(slice: BitWriter, { sps, pps }: H264Parameters, order: number): void {
  if (sps.orderType === 0) {
    slice.bits(order, sps.orderBits);
    if (pps.fieldOrderPresent) slice.signed(0);
  } else if (!sps.orderDeltaAlwaysZero) {
    slice.signed(0);
    if (pps.fieldOrderPresent) slice.signed(0);
  }
  if (pps.redundantPictures) slice.unsigned(0);
}

/**
 * The same keyframe with another idr_pic_id: the ids of consecutive keyframes must differ (section 7.4.3), otherwise
 * a decoder may treat the second as a part of the first. undefined if the header contains something that is not
 * supported here.
 */
export function withIdrPicId(
  accessUnit: Uint8Array,
  parameters: H264Parameters,
  id: number,
): Uint8Array | undefined {
  const { sps, pps } = parameters;
  if (!sps.progressive || pps.sliceGroups > 1) return undefined;
  const nals: Uint8Array[] = [];
  for (const nal of nalUnits(accessUnit)) {
    const changed =
      nalType(nal) === NAL_IDR
        ? otherIdrPicId(nal, parameters, id)
        : Buffer.concat([Uint8Array.of(0, 0, 0, 1), nal]);
    if (changed === undefined) return undefined;
    nals.push(changed);
  }
  return Buffer.concat(nals);
}

function otherIdrPicId(nal: Uint8Array, { sps, pps }: H264Parameters, id: number): Uint8Array | undefined {
  const payload = unescape(nal.subarray(1));
  const reader = new BitReader(payload);
  if (readToFrameNum(reader, sps).parameters !== pps.id) return undefined;
  const idAt = reader.position;
  reader.unsigned();
  const idEnd = reader.position;
  const out = new BitWriter(payload.length + 8).copy(payload, 0, idAt).unsigned(id);
  if (!pps.cabac) return nalUnit(nal[0] ?? 0, out.copy(payload, idEnd, payload.length * 8).align(0).bytes);
  // CABAC data begins at a byte boundary, after bits of one (section 7.3.4).
  readToSliceData(reader, { sps, pps });
  out.copy(payload, idEnd, reader.position).align(1);
  const dataAt = Math.ceil(reader.position / 8) * 8;
  return nalUnit(nal[0] ?? 0, out.copy(payload, dataAt, payload.length * 8).bytes);
}

/** Skips from behind idr_pic_id to the end of the header, which is short in a keyframe. */
function readToSliceData(reader: BitReader, { sps, pps }: H264Parameters): void {
  if (sps.orderType === 0) {
    reader.bits(sps.orderBits);
    if (pps.fieldOrderPresent) reader.signed();
  } else if (!sps.orderDeltaAlwaysZero) {
    reader.signed();
    if (pps.fieldOrderPresent) reader.signed();
  }
  if (pps.redundantPictures) reader.unsigned();
  reader.bits(2); // dec_ref_pic_marking
  reader.signed(); // slice_qp_delta
  if (pps.deblockingControl && reader.unsigned() !== 1) {
    reader.signed();
    reader.signed();
  }
}
