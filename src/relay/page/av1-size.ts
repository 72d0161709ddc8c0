const OBU_SEQUENCE_HEADER = 1;

/**
 * The resolution in the sequence header of an AV1 keyframe, needed when the browser does not know it: the browser
 * reads it from an RTP header extension that not every edge passes on. undefined if there is no such header, or if it
 * contains timing information, which real-time encoders omit. AV1 bitstream specification, sections 5.3 to 5.5.
 */
export function av1Size(frame: Uint8Array): { width: number; height: number } | undefined {
  for (let at = 0; at < frame.length;) {
    const header = frame[at++] ?? 0;
    const type = (header >> 3) & 0x0f;
    if ((header & 0x04) !== 0) at++; // obu_extension_header
    let size = frame.length - at;
    if ((header & 0x02) !== 0) {
      size = 0;
      for (let shift = 0; shift < 28; shift += 7) {
        const byte = frame[at++] ?? 0;
        size |= (byte & 0x7f) << shift;
        if ((byte & 0x80) === 0) break;
      }
    }
    if (type === OBU_SEQUENCE_HEADER) return sequenceSize(frame.subarray(at, at + size));
    at += size;
  }
  return undefined;
}

function sequenceSize(data: Uint8Array): { width: number; height: number } | undefined {
  let position = 0;
  const bits = (count: number): number => {
    let value = 0;
    for (; count > 0; count--, position++)
      value = value * 2 + (((data[position >> 3] ?? 0) >> (7 - (position & 7))) & 1);
    return value;
  };
  bits(3 + 1); // seq_profile, still_frame
  const isReduced = bits(1) === 1;
  if (isReduced)
    bits(5); // seq_level_idx
  else {
    if (bits(1) === 1) return undefined; // timing_info_present_flag
    const hasDisplayDelay = bits(1) === 1;
    for (let points = bits(5) + 1; points > 0; points--) {
      bits(12); // operating_point_idc
      if (bits(5) > 7) bits(1); // seq_level_idx, seq_tier
      if (hasDisplayDelay && bits(1) === 1) bits(4);
    }
  }
  const widthBits = bits(4) + 1;
  const heightBits = bits(4) + 1;
  const size = { width: bits(widthBits) + 1, height: bits(heightBits) + 1 };
  return position <= data.length * 8 ? size : undefined;
}
