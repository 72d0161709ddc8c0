/**
 * The public playlist of a stream, as a pure value.
 *
 * FFmpeg creates the segments, and this module the playlist: FFmpeg's own playlist cannot continue after a publisher
 * reconnects with other codec parameters, because it names a single init file. Here every run of the packager has its
 * own init file (EXT-X-MAP) and starts with EXT-X-DISCONTINUITY. Source of the rules: RFC 8216, sections 4.3.3 and
 * 6.2.
 */

/** A finished segment. Addresses are relative to the playlist. */
export interface Segment {
  readonly uri: string;
  readonly mapUri: string;
  readonly seconds: number;
  readonly bytes: number;
  /** Wall-clock time at which its first frame arrived, in ms. */
  readonly startedAt: number;
}

/** The listed segments, and the files that are still kept. */
export interface Playlist {
  readonly mediaSequence: number;
  readonly discontinuitySequence: number;
  /** Never decreases, because players schedule their requests by it. */
  readonly targetSeconds: number;
  readonly segments: readonly ListedSegment[];
  /** No longer listed, but not yet deleted: players with an older playlist may still request them. */
  readonly retired: readonly RetiredSegment[];
}

interface ListedSegment extends Segment {
  readonly discontinuity: boolean;
}

interface RetiredSegment {
  readonly uri: string;
  readonly mapUri: string;
  readonly deleteAt: number;
}

/**
 * A playlist without segments.
 *
 * `firstSequence` must be higher than any media sequence that players may have seen before a restart of the origin,
 * because players wait indefinitely after a media sequence that decreases. Unix time in seconds fulfills this:
 * segments are longer than a second. The discontinuity sequence must differ from the one before the restart, and be
 * small, because hls.js counts up to it.
 */
export function emptyPlaylist(firstSequence: number): Playlist {
  return {
    mediaSequence: firstSequence,
    discontinuitySequence: firstSequence % 1000,
    targetSeconds: 0,
    segments: [],
    retired: [],
  };
}

/** Adds a segment and advances the window. `length`: number of listed segments. */
export function append(playlist: Playlist, segment: Segment, length: number, now: number): Playlist {
  const last = playlist.segments.at(-1);
  const discontinuity = last !== undefined && last.mapUri !== segment.mapUri;
  const all = [...playlist.segments, { ...segment, discontinuity }];
  const dropped = all.slice(0, Math.max(0, all.length - length));
  const targetSeconds = Math.max(playlist.targetSeconds, Math.round(segment.seconds), 1);
  // RFC 8216, 6.2.2: kept for its own duration plus that of the longest playlist that listed it.
  const deleteAt = now + (length + 1) * targetSeconds * 1000;
  return {
    mediaSequence: playlist.mediaSequence + dropped.length,
    discontinuitySequence: playlist.discontinuitySequence + dropped.filter((one) => one.discontinuity).length,
    targetSeconds,
    segments: all.slice(dropped.length),
    retired: [...playlist.retired, ...dropped.map(({ uri, mapUri }) => ({ uri, mapUri, deleteAt }))],
  };
}

/**
 * Returns the files that are no longer needed, and the playlist without them. An init file is deleted with its last
 * segment.
 */
export function collect(playlist: Playlist, now: number): { playlist: Playlist; files: string[] } {
  const due = playlist.retired.filter(({ deleteAt }) => deleteAt <= now);
  if (due.length === 0) return { playlist, files: [] };
  const retired = playlist.retired.filter(({ deleteAt }) => deleteAt > now);
  const mapsInUse = new Set([...retired, ...playlist.segments].map(({ mapUri }) => mapUri));
  const maps = new Set(due.map(({ mapUri }) => mapUri).filter((uri) => !mapsInUse.has(uri)));
  return { playlist: { ...playlist, retired }, files: [...due.map(({ uri }) => uri), ...maps] };
}

/** The m3u8 text. `ended`: the broadcast is over and players may stop requesting the playlist. */
export function render(playlist: Playlist, ended: boolean): string {
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${playlist.targetSeconds}`,
    `#EXT-X-MEDIA-SEQUENCE:${playlist.mediaSequence}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${playlist.discontinuitySequence}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
  ];
  let map: string | undefined;
  for (const segment of playlist.segments) {
    if (segment.discontinuity) lines.push('#EXT-X-DISCONTINUITY');
    if (segment.mapUri !== map) lines.push(`#EXT-X-MAP:URI="${segment.mapUri}"`);
    map = segment.mapUri;
    lines.push(
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.startedAt).toISOString()}`,
      `#EXTINF:${segment.seconds.toFixed(6)},`,
      segment.uri,
    );
  }
  if (ended) lines.push('#EXT-X-ENDLIST');
  return `${lines.join('\n')}\n`;
}
