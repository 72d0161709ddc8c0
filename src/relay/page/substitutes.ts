/**
 * Keyframes of a black frame of 16x16 pixels, which the decoder receives in place of each of the host's frames. A
 * decoder without input requests keyframes from the host endlessly, and a decoder with the real frames costs as much
 * as the rest of the page.
 *
 * Created with Debian's FFmpeg 5.1.9:
 *
 *     ffmpeg -f lavfi -i color=black:s=16x16:r=1 -frames:v 1 -pix_fmt yuv420p ENCODER - | base64 -w0
 */
const KEYFRAMES_BASE64: Readonly<Record<string, string>> = {
  // -c:v libx264 -profile:v baseline -preset veryslow -bsf:v filter_units=remove_types=6 -f h264
  // (SPS, PPS and IDR; x264's SEI is removed)
  'video/h264': 'AAAAAWdCwAqmEXsBEAAAAwAQAAADACDxImEYAAAAAWjIQg8sgAAAAWWIggK///+HooAAoW/A',
  // -c:v libvpx -f ivf, then tail -c +45 (without IVF's headers of 32 and 12 bytes)
  'video/vp8': 'EAIAnQEqEAAQAABHCIWFiJmEiAICAAwNYAD+/6tQgA==',
  // -c:v libvpx-vp9 -f ivf, then tail -c +45
  'video/vp9': 'gkmDQgAA8AD2ADgkHBhKAAAwYAAAEL///UiMAA==',
  // -c:v libaom-av1 -usage realtime -f obu
  'video/av1': 'EgAKCgAAAAGf+bXyAIAyEBAAkAAIIIIgAAgAIvJtvIA=',
};

const decoded = new Map<string, Uint8Array>();

/**
 * A substitute for a frame of this type, which the caller may transfer; undefined for a codec without one. A new copy
 * for each frame, because Chromium takes ownership of the buffer that is assigned to a frame.
 */
export function substituteFor(mimeType: string): ArrayBuffer | undefined {
  const type = mimeType.toLowerCase();
  const base64 = KEYFRAMES_BASE64[type];
  if (base64 === undefined) return undefined;
  let bytes = decoded.get(type);
  if (bytes === undefined) {
    bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    decoded.set(type, bytes);
  }
  return new Uint8Array(bytes).buffer;
}
