/**
 * The public playlist of a stream, as a pure value.
 *
 * FFmpeg makes the segments, this makes the playlist: FFmpeg's own cannot go on over a publisher's reconnect with
 * other codec parameters, because it names one init file only. Here every run of the packager brings its init file
 * (EXT-X-MAP) and starts with EXT-X-DISCONTINUITY. Source of the rules: RFC 8216, sections 4.3.3 and 6.2.
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

export interface Playlist {
  readonly mediaSequence: number;
  readonly discontinuitySequence: number;
  /** Never falls: players plan their requests by it. */
  readonly targetSeconds: number;
  readonly segments: readonly ListedSegment[];
  /** No longer listed, not yet deleted: players that have read the last playlists may still ask for them. */
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
 * `firstSequence` must be higher than any that players of an earlier life of this stream can have seen: a media
 * sequence that falls leaves them waiting for good. Unix time in seconds does: segments are longer than a second.
 * The discontinuity sequence must differ from that of the earlier life, and be small: hls.js counts up to it.
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

/** Adds a segment and moves the window. `length`: how many segments are listed. */
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

/** Files that nobody asks for any more, and the playlist without them. Init files go with their last segment. */
export function collect(playlist: Playlist, now: number): { playlist: Playlist; files: string[] } {
  const due = playlist.retired.filter(({ deleteAt }) => deleteAt <= now);
  if (due.length === 0) return { playlist, files: [] };
  const retired = playlist.retired.filter(({ deleteAt }) => deleteAt > now);
  const mapsInUse = new Set([...retired, ...playlist.segments].map(({ mapUri }) => mapUri));
  const maps = new Set(due.map(({ mapUri }) => mapUri).filter((uri) => !mapsInUse.has(uri)));
  return { playlist: { ...playlist, retired }, files: [...due.map(({ uri }) => uri), ...maps] };
}

/** The m3u8 text. `ended`: the broadcast is over and players may stop asking. */
export function render(playlist: Playlist, ended: boolean): string {
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${String(playlist.targetSeconds)}`,
    `#EXT-X-MEDIA-SEQUENCE:${String(playlist.mediaSequence)}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${String(playlist.discontinuitySequence)}`,
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
