import type { ParameterSets } from './packet.ts';

/** H.264 byte streams (ITU-T H.264 Annex B): only what is needed to know what a frame contains. Nothing is decoded. */

export const NAL_SLICE = 1;
export const NAL_IDR = 5;
export const NAL_SPS = 7;
export const NAL_PPS = 8;

/** The type of a NAL unit without its start code (nal_unit_type, table 7-1). */
export const nalType = (nal: Uint8Array): number => (nal[0] ?? 0) & 0x1f;

/** The NAL units of an Annex B access unit, without their start codes. Scans the whole access unit. */
export function* nalUnits(accessUnit: Uint8Array): Generator<Uint8Array> {
  let start = nextStartCode(accessUnit, 0);
  while (start !== undefined) {
    const next = nextStartCode(accessUnit, start.end);
    yield trimZeros(accessUnit.subarray(start.end, next?.begin ?? accessUnit.length));
    start = next;
  }
}

/**
 * Splits an access unit into what precedes the first slice, and the rest from that slice on. The end of the slice is
 * not searched, so that a large frame is not read for the sake of its first bytes.
 */
export function beginning(accessUnit: Uint8Array): {
  readonly before: readonly Uint8Array[];
  readonly slice: Uint8Array | undefined;
} {
  const before: Uint8Array[] = [];
  let start = nextStartCode(accessUnit, 0);
  while (start !== undefined) {
    const rest = accessUnit.subarray(start.end);
    const type = nalType(rest);
    if (type === NAL_SLICE || type === NAL_IDR) return { before, slice: rest };
    const next = nextStartCode(accessUnit, start.end);
    before.push(trimZeros(accessUnit.subarray(start.end, next?.begin ?? accessUnit.length)));
    start = next;
  }
  return { before, slice: undefined };
}

function nextStartCode(data: Uint8Array, from: number): { begin: number; end: number } | undefined {
  for (let at = from; at + 3 <= data.length; at++) {
    const third = data[at + 2];
    if (third === undefined || third > 1) {
      at += 2; // no start code begins at any of these three bytes
    } else if (third === 1 && data[at] === 0 && data[at + 1] === 0) {
      return { begin: at, end: at + 3 };
    }
  }
  return undefined;
}

function trimZeros(nal: Uint8Array): Uint8Array {
  let end = nal.length;
  while (end > 0 && nal[end - 1] === 0) end--;
  return nal.subarray(0, end);
}

/** The parameter sets of a keyframe, or undefined when it does not carry both. */
export function parameterSets(accessUnit: Uint8Array): ParameterSets | undefined {
  const { before } = beginning(accessUnit);
  const sps = before.find((nal) => nalType(nal) === NAL_SPS);
  const pps = before.find((nal) => nalType(nal) === NAL_PPS);
  return sps !== undefined && pps !== undefined ? { sps, pps } : undefined;
}

/** Prepends parameter sets to an access unit without them. */
export function withParameterSets(accessUnit: Uint8Array, { sps, pps }: ParameterSets): Uint8Array {
  const startCode = Uint8Array.of(0, 0, 0, 1);
  return Buffer.concat([startCode, sps, startCode, pps, accessUnit]);
}
