/** Opus packets (RFC 6716): only their table of contents byte is read. */

/** A 20 ms stereo packet that decodes to silence. */
export const OPUS_SILENCE = Uint8Array.of(0xfc, 0xff, 0xfe);
export const OPUS_SILENCE_MS = 20;

const SILK_MS = [10, 20, 40, 60] as const;
const HYBRID_MS = [10, 20] as const;
const CELT_MS = [2.5, 5, 10, 20] as const;

/** Duration of a packet in milliseconds (RFC 6716 section 3.1); 0 for an empty one. */
export function opusDurationMs(packet: Uint8Array): number {
  const toc = packet[0];
  if (toc === undefined) return 0;
  return frameMs(toc >> 3) * frameCount(toc & 3, packet[1]);
}

function frameMs(config: number): number {
  if (config < 12) return SILK_MS[config & 3] ?? 0;
  if (config < 16) return HYBRID_MS[config & 1] ?? 0;
  return CELT_MS[config & 3] ?? 0;
}

function frameCount(code: number, second: number | undefined): number {
  if (code === 0) return 1;
  return code === 3 ? (second ?? 0) & 0x3f : 2;
}
