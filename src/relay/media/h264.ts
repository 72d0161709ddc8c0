/** H.264 byte streams (ITU-T H.264 Annex B): just enough to know what a frame holds. Nothing is decoded. */

const NAL_SPS = 7;
const NAL_PPS = 8;

/** The NAL units of an Annex B access unit, without their start codes. */
export function* nalUnits(accessUnit: Uint8Array): Generator<Uint8Array> {
  let start = nextStartCode(accessUnit, 0);
  while (start !== undefined) {
    const next = nextStartCode(accessUnit, start.end);
    yield trimZeros(accessUnit.subarray(start.end, next?.begin ?? accessUnit.length));
    start = next;
  }
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

export interface ParameterSets {
  readonly sps: Uint8Array;
  readonly pps: Uint8Array;
}

/** The parameter sets in front of a key frame, or undefined when the frame does not carry both. */
export function parameterSets(accessUnit: Uint8Array): ParameterSets | undefined {
  let sps: Uint8Array | undefined;
  let pps: Uint8Array | undefined;
  for (const nal of nalUnits(accessUnit)) {
    const type = (nal[0] ?? 0) & 0x1f;
    if (type === NAL_SPS) sps ??= nal;
    else if (type === NAL_PPS) pps ??= nal;
    else if (type >= 1 && type <= 5) break; // slices: what follows is picture data
  }
  return sps !== undefined && pps !== undefined ? { sps, pps } : undefined;
}

/** Puts parameter sets in front of an access unit that came without them. */
export function withParameterSets(accessUnit: Uint8Array, { sps, pps }: ParameterSets): Uint8Array {
  const startCode = [0, 0, 0, 1];
  return Buffer.concat([Buffer.from(startCode), sps, Buffer.from(startCode), pps, accessUnit]);
}
