/** What the text of a playlist is, as far as deciding needs it. */
export type PlaylistText =
  | { readonly kind: 'multivariant'; readonly firstVariant: string }
  | { readonly kind: 'media'; readonly ended: boolean; readonly segments: number };

/** Longer than the playlist of a two-hour window; more is not read. */
export const LONGEST_PLAYLIST = 512 * 1_024;

/** undefined: not a playlist. RFC 8216, sections 4.1 and 4.3. */
export function readPlaylist(text: string): PlaylistText | undefined {
  if (text.length > LONGEST_PLAYLIST) return undefined;
  const lines = text.split('\n').map((line) => line.trim());
  if (lines[0] !== '#EXTM3U') return undefined;
  const stream = lines.findIndex((line) => line.startsWith('#EXT-X-STREAM-INF:'));
  if (stream !== -1) {
    const firstVariant = lines.slice(stream + 1).find((line) => line !== '' && !line.startsWith('#'));
    return firstVariant === undefined ? undefined : { kind: 'multivariant', firstVariant };
  }
  if (!lines.some((line) => line.startsWith('#EXT-X-TARGETDURATION:'))) return undefined;
  return {
    kind: 'media',
    ended: lines.includes('#EXT-X-ENDLIST'),
    segments: lines.filter((line) => line.startsWith('#EXTINF:') || line.startsWith('#EXT-X-PART:')).length,
  };
}
