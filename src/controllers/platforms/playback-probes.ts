import { parse, setOptions, types } from 'hls-parser';
import { BoundedMap } from '../../base/bounded-map.ts';
import type { Clock } from '../../base/clock.ts';
import { Cookies } from '../../base/http/cookies.ts';
import type { OutgoingClient, OutgoingRequest } from '../../base/http/outgoing-client.ts';
import { BodyTooLarge } from '../../base/http/read-body.ts';
import { PLAYBACK_PROBE_INTERVAL_MS, UNREACHABLE_PLAYLIST_GRACE_MS } from '../timing.ts';

setOptions({ silent: true }); // otherwise it logs to the console when a response is not a playlist

/** The last state of a playlist. */
interface PlaylistState {
  readonly edge: string;
  readonly advanced: boolean;
  readonly unreachable: boolean;
  readonly at: number;
}

/** The result of one probe. `unreachable`: there was no HTTP response, which proves nothing about the stream. */
export type PlaylistProbeResult = { readonly edge: string } | 'nothing' | 'unreachable';

/** Where a playlist is. */
export interface PlaylistSource {
  readonly url: () => Promise<string>;
  /** Whether the platform itself named the host, so that it may have a private address; see PlaybackHosts. */
  readonly isKnown: (url: URL) => boolean;
}

/** Fetches a playlist. */
export type PlaylistProbe = (
  url: string,
  isKnown: PlaylistSource['isKnown'],
  signal: AbortSignal,
) => Promise<PlaylistProbeResult>;

/** The result of earlier probes is used for this time. */
const PROBE_MEMORY_MS = 600_000;
/** Bounds memory. An evicted stream is probed again. */
const MAX_STREAMS = 10_000;

/** Probes whether streams are playable: a playlist exists and its end advances. */
export class PlaybackProbes {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #probe: PlaylistProbe;
  readonly #playlists = new BoundedMap<string, PlaylistState>(MAX_STREAMS);

  constructor(clock: Pick<Clock, 'now'>, probe: PlaylistProbe) {
    this.#clock = clock;
    this.#probe = probe;
  }

  /**
   * True once the end of the playlist has advanced. `liveSince`: since when the platform has accepted media.
   * Where the operator cannot reach the playlist, the stream counts as playable UNREACHABLE_PLAYLIST_GRACE_MS later.
   */
  async isPlayable(
    stream: string,
    source: PlaylistSource,
    liveSince: Date | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    const now = this.#clock.now().getTime();
    const before = this.#playlists.get(stream);
    const longEnough = liveSince !== undefined && now - liveSince.getTime() >= UNREACHABLE_PLAYLIST_GRACE_MS;
    if (before?.advanced === true && now - before.at < PROBE_MEMORY_MS) return true;
    if (before !== undefined && now - before.at < PLAYBACK_PROBE_INTERVAL_MS)
      return before.unreachable && longEnough;
    const probe = await this.#probe(await source.url(), source.isKnown, signal);
    const unreachable = probe === 'unreachable';
    const edge = typeof probe === 'object' ? probe.edge : unreachable ? (before?.edge ?? '') : '';
    const advanced = edge !== '' && before !== undefined && before.edge !== '' && before.edge !== edge;
    this.#playlists.set(stream, { edge, advanced, unreachable, at: now });
    return advanced || (unreachable && longEnough);
  }

  /** Drops the results for a stream that is not incoming, so that a later probe starts from the beginning. */
  forget(stream: string): void {
    this.#playlists.delete(stream);
  }
}

const MAX_PLAYLIST_BYTES = 1024 * 1024;
const PLAYLIST_TIMEOUT_MS = 2_000;
/** A CDN may send players to the nearest server, and from there to one with a session. */
const MAX_REDIRECTS = 3;

/**
 * Fetches the playlist or, of a multivariant playlist, the first variant. The edge identifies its last segment. Follows
 * redirects and keeps cookies, as players do.
 */
export function playlistProbe(client: OutgoingClient): PlaylistProbe {
  return async (url, isKnown, signal) => {
    const cookies = new Cookies();
    const fetchText = (from: string | URL): Promise<FetchedPlaylist | 'nothing' | 'unreachable'> =>
      fetchPlaylist(client, from, { cookies, isKnown, signal });
    const master = await fetchText(url);
    if (typeof master !== 'object') return master;
    const playlist = parsePlaylist(master.text);
    const [variant] = playlist instanceof types.MasterPlaylist ? playlist.variants : [];
    if (variant === undefined) return edgeOf(playlist);
    if (!URL.canParse(variant.uri, master.url.href)) return 'nothing';
    const media = await fetchText(new URL(variant.uri, master.url));
    return typeof media === 'object' ? edgeOf(parsePlaylist(media.text)) : media;
  };
}

function edgeOf(playlist: types.Playlist | undefined): PlaylistProbeResult {
  if (!(playlist instanceof types.MediaPlaylist)) return 'nothing';
  const last = playlist.segments.at(-1);
  return last === undefined ? 'nothing' : { edge: `${last.mediaSequenceNumber} ${last.uri}` };
}

function parsePlaylist(text: string): types.Playlist | undefined {
  try {
    return parse(text);
  } catch {
    return undefined; // not a playlist, or not yet
  }
}

interface FetchedPlaylist {
  readonly text: string;
  /** After redirects. */
  readonly url: URL;
}

async function fetchPlaylist(
  client: OutgoingClient,
  from: string | URL,
  options: Pick<OutgoingRequest, 'cookies' | 'isKnown' | 'signal'>,
): Promise<FetchedPlaylist | 'nothing' | 'unreachable'> {
  try {
    const { status, text, url } = await client.send(from, {
      ...options,
      timeoutMs: PLAYLIST_TIMEOUT_MS,
      maxBytes: MAX_PLAYLIST_BYTES,
      redirects: MAX_REDIRECTS,
    });
    return status === 200 ? { text, url } : 'nothing';
  } catch (error) {
    return error instanceof BodyTooLarge ? 'nothing' : 'unreachable';
  }
}
