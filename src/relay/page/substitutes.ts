/**
 * Keyframes of a black frame of 16x16 pixels: what the decoder gets in place of each of the host's frames. A decoder
 * that gets nothing asks the host for keyframes without end, and one that gets the frames themselves costs as much as
 * everything else in the page together.
 *
 * Made with Debian's FFmpeg 5.1.9:
 *
 *     ffmpeg -f lavfi -i color=black:s=16x16:r=1 -frames:v 1 -pix_fmt yuv420p ENCODER - | base64 -w0
 */
const keyframes: Readonly<Record<string, string>> = {
  // -c:v libx264 -profile:v baseline -preset veryslow -bsf:v filter_units=remove_types=6 -f h264
  // (SPS, PPS and IDR; what is taken out is x264's SEI)
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
 * A substitute for a frame of this type, which the caller may give away; undefined for a codec without one. Made again
 * for each frame: Chromium takes the buffer that a frame is given for its own.
 */
export function substituteFor(mimeType: string): ArrayBuffer | undefined {
  const type = mimeType.toLowerCase();
  const base64 = keyframes[type];
  if (base64 === undefined) return undefined;
  let bytes = decoded.get(type);
  if (bytes === undefined) {
    bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    decoded.set(type, bytes);
  }
  return new Uint8Array(bytes).buffer;
}
