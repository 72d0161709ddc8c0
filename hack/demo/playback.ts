/** A media playlist, as a player sees it. */
export interface Playlist {
  readonly url: string;
  readonly mediaSequence: number;
  readonly segments: readonly string[];
  readonly text: string;
}

/**
 * Fetches a media playlist, or that of the first rendition of a multivariant playlist. Returns undefined while there is
 * none or it has no segment.
 */
export async function fetchPlaylist(url: string, signal?: AbortSignal): Promise<Playlist | undefined> {
  const answer = await fetch(url, { signal: signal ?? AbortSignal.timeout(3_000) }).catch(() => undefined);
  if (answer?.ok !== true) {
    await answer?.body?.cancel();
    return undefined;
  }
  const text = await answer.text();
  const segments = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => new URL(line, url).href);
  const mediaSequence = Number(/^#EXT-X-MEDIA-SEQUENCE:(\d+)/m.exec(text)?.[1] ?? '0');
  const [first] = segments;
  if (first !== undefined && text.includes('#EXT-X-STREAM-INF')) return fetchPlaylist(first, signal);
  return first === undefined ? undefined : { url, mediaSequence, segments, text };
}

/** The number of the newest segment since the playlist began. It grows while the stream is live. */
export function newestSegment(playlist: Playlist): number {
  return playlist.mediaSequence + playlist.segments.length;
}
