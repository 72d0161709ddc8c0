import { parse, setOptions, types } from 'hls-parser';
import { request } from 'undici';
import { BoundedMap } from '../../base/bounded-map.ts';
import type { Clock } from '../../base/clock.ts';
import { PLAYBACK_PROBE_INTERVAL_MS, UNREACHABLE_PLAYLIST_GRACE_MS } from '../timing.ts';

setOptions({ silent: true }); // it would log to the console when a response is no playlist

/** The last state of a playlist. */
interface Seen {
  readonly edge: string;
  readonly advanced: boolean;
  readonly unreachable: boolean;
  readonly at: number;
}

/** The result of one probe. `unreachable`: no HTTP response at all, which proves nothing about the stream. */
export type PlaylistProbeResult = { readonly edge: string } | 'nothing' | 'unreachable';

/** What was seen of a playlist this long ago is dropped. */
const PROBE_MEMORY_MS = 600_000;
/** Bounds memory. A stream that was evicted is probed again. */
const MAX_STREAMS = 10_000;

/** Probes whether a stream is playable: its playlist exists, and its end advances. */
export class PlaybackProbes {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #probe: (url: string, signal: AbortSignal) => Promise<PlaylistProbeResult>;
  readonly #seen = new BoundedMap<string, Seen>(MAX_STREAMS);

  constructor(
    clock: Pick<Clock, 'now'>,
    probe: (url: string, signal: AbortSignal) => Promise<PlaylistProbeResult> = probePlaylist,
  ) {
    this.#clock = clock;
    this.#probe = probe;
  }

  /**
   * True once the end of the playlist at `url` was seen to advance. `liveSince`: since when the platform has accepted
   * media, which has to do where the playlist cannot be reached from here.
   */
  async isPlayable(
    stream: string,
    url: () => Promise<string>,
    liveSince: Date | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    const now = this.#clock.now().getTime();
    const before = this.#seen.get(stream);
    const longEnough = liveSince !== undefined && now - liveSince.getTime() >= UNREACHABLE_PLAYLIST_GRACE_MS;
    if (before?.advanced === true && now - before.at < PROBE_MEMORY_MS) return true;
    if (before !== undefined && now - before.at < PLAYBACK_PROBE_INTERVAL_MS)
      return before.unreachable && longEnough;
    const probe = await this.#probe(await url(), signal);
    const unreachable = probe === 'unreachable';
    const edge = typeof probe === 'object' ? probe.edge : unreachable ? (before?.edge ?? '') : '';
    const advanced = edge !== '' && before !== undefined && before.edge !== '' && before.edge !== edge;
    this.#seen.set(stream, { edge, advanced, unreachable, at: now });
    return advanced || (unreachable && longEnough);
  }

  /** The stream became active, or is gone: if it is an incoming one again, probing starts from the beginning. */
  forget(stream: string): void {
    this.#seen.delete(stream);
  }
}

/** Fetches the playlist, and of several renditions the first one's. The edge names its newest segment. */
async function probePlaylist(url: string, signal: AbortSignal): Promise<PlaylistProbeResult> {
  const master = await fetchText(url, signal);
  if (typeof master !== 'object') return master;
  const playlist = parsePlaylist(master.text);
  const [variant] = playlist instanceof types.MasterPlaylist ? playlist.variants : [];
  if (variant === undefined) return edgeOf(playlist);
  const media = await fetchText(new URL(variant.uri, master.url).href, signal);
  return typeof media === 'object' ? edgeOf(parsePlaylist(media.text)) : media;
}

function edgeOf(playlist: types.Playlist | undefined): PlaylistProbeResult {
  if (!(playlist instanceof types.MediaPlaylist)) return 'nothing';
  const last = playlist.segments.at(-1);
  return last === undefined ? 'nothing' : { edge: `${String(last.mediaSequenceNumber)} ${last.uri}` };
}

function parsePlaylist(text: string): types.Playlist | undefined {
  try {
    return parse(text);
  } catch {
    return undefined; // not a playlist, or not yet
  }
}

async function fetchText(
  url: string,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly url: string } | 'nothing' | 'unreachable'> {
  try {
    const answer = await request(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(2_000)]) });
    const text = await answer.body.text();
    return answer.statusCode === 200 ? { text, url } : 'nothing';
  } catch {
    return 'unreachable';
  }
}
