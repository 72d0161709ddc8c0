import { parse, setOptions, types } from 'hls-parser';
import { request } from 'undici';
import { BoundedMap } from '../../base/bounded-map.ts';
import type { Clock } from '../../base/clock.ts';
import { PLAYBACK_PROBE_INTERVAL_MS, UNREACHABLE_PLAYLIST_GRACE_MS } from '../timing.ts';

setOptions({ silent: true }); // it would say on the console what it thinks of a page that is no playlist

/** What was seen of a playlist last. */
interface Seen {
  readonly edge: string;
  readonly advanced: boolean;
  readonly unreachable: boolean;
  readonly at: number;
}

/** What one look at a playlist gives. `unreachable`: no HTTP answer at all, which says nothing of the stream. */
export type PlaylistProbeResult = { readonly edge: string } | 'nothing' | 'unreachable';

/** What was seen of a playlist this long ago is dropped. */
const PROBE_MEMORY_MS = 600_000;
/** Bounds memory. A stream that was evicted is probed again. */
const MAX_STREAMS = 10_000;

/** Finds out whether a stream plays: its playlist is there, and its end moves on. */
export class PlaybackProbes {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #look: (url: string, signal: AbortSignal) => Promise<PlaylistProbeResult>;
  readonly #seen = new BoundedMap<string, Seen>(MAX_STREAMS);

  constructor(
    clock: Pick<Clock, 'now'>,
    look: (url: string, signal: AbortSignal) => Promise<PlaylistProbeResult> = lookAtPlaylist,
  ) {
    this.#clock = clock;
    this.#look = look;
  }

  /**
   * `url` is asked for now and then; true once its end was seen to move. `liveSince`: since when the platform accepts
   * media, which has to do where the playlist cannot be reached from here.
   */
  async plays(
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
    const look = await this.#look(await url(), signal);
    const unreachable = look === 'unreachable';
    const edge = typeof look === 'object' ? look.edge : unreachable ? (before?.edge ?? '') : '';
    const advanced = edge !== '' && before !== undefined && before.edge !== '' && before.edge !== edge;
    this.#seen.set(stream, { edge, advanced, unreachable, at: now });
    return advanced || (unreachable && longEnough);
  }

  /** The stream takes over, or went: should it be a next one again, it is looked at anew. */
  forget(stream: string): void {
    this.#seen.delete(stream);
  }
}

/** Fetches the playlist, and of several renditions the first one's. The edge names its newest segment. */
async function lookAtPlaylist(url: string, signal: AbortSignal): Promise<PlaylistProbeResult> {
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
