import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchPlaylist } from '../../../hack/demo/playback.ts';
import { inspectMedia } from '../../fixtures/agora/decode.ts';

/** A segment as the viewer received it: Unix milliseconds of the host's clock in it, and of its arrival. */
export interface Piece {
  readonly url: string;
  readonly arrivedAt: number;
  readonly from: number;
  readonly to: number;
}

/**
 * A viewer that plays the URL which the app currently returns: it polls the playlist, fetches every new segment at
 * once, and reads the host's clock from the frames.
 */
export class Viewer implements AsyncDisposable {
  readonly #addressNow: () => Promise<string | undefined>;
  readonly #stop = new AbortController();
  readonly #run: Promise<void>;
  readonly #decoding: Promise<Piece | undefined>[] = [];

  constructor(addressNow: () => Promise<string | undefined>) {
    this.#addressNow = addressNow;
    this.#run = this.#watch();
  }

  /** Ends the session and returns the received segments in order of arrival. */
  async stop(): Promise<readonly Piece[]> {
    this.#stop.abort();
    await this.#run;
    const pieces = await Promise.all(this.#decoding);
    return pieces.filter((piece) => piece !== undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #watch(): Promise<void> {
    const seen = new Set<string>();
    let begun: string | undefined;
    while (!this.#stop.signal.aborted) {
      const url = await this.#addressNow();
      const playlist = url === undefined ? undefined : await fetchPlaylist(url);
      if (url !== undefined && playlist !== undefined) {
        // A player that opens a URL begins at the newest segment and does not play earlier ones.
        if (begun !== url) for (const segment of playlist.segments.slice(0, -1)) seen.add(segment);
        begun = url;
        const map = /#EXT-X-MAP:URI="([^"]+)"/.exec(playlist.text)?.[1];
        for (const segment of playlist.segments.filter((each) => !seen.has(each))) {
          seen.add(segment);
          const data = await bytes(segment);
          const arrivedAt = Date.now();
          const head = map === undefined ? Buffer.alloc(0) : await bytes(new URL(map, playlist.url).href);
          if (data !== undefined && head !== undefined)
            this.#decoding.push(decode(Buffer.concat([head, data]), url, arrivedAt));
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/**
 * How long playback stalled, in milliseconds, for a player that stays as far behind the live edge as it was when it
 * began: the lateness of its segments beyond the largest lateness before `since`.
 */
export function stallMs(pieces: readonly Piece[], since: number): number {
  const lag = (some: readonly Piece[]): number => {
    // Just before a segment arrives, playback can only reach the end of the previous one.
    const lags = some.slice(1).map((piece, index) => piece.arrivedAt - (some[index]?.to ?? piece.from));
    return Math.max(...lags);
  };
  const before = pieces.filter(({ arrivedAt }) => arrivedAt < since);
  const newest: Piece[] = [];
  for (const piece of pieces) if (piece.to > (newest.at(-1)?.to ?? 0)) newest.push(piece);
  return Math.max(0, lag(newest) - lag(before));
}

/** The longest gap in the host's clock: video that no viewer ever received. */
export function holeMs(pieces: readonly Piece[]): number {
  const sorted = [...pieces].sort((a, b) => a.from - b.from);
  let edge = sorted[0]?.to ?? 0;
  let hole = 0;
  for (const { from, to } of sorted) {
    hole = Math.max(hole, from - edge);
    edge = Math.max(edge, to);
  }
  return hole;
}

async function bytes(url: string): Promise<Buffer | undefined> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  return answer?.ok === true ? Buffer.from(await answer.arrayBuffer()) : undefined;
}

async function decode(media: Buffer, url: string, arrivedAt: number): Promise<Piece | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'viewer-'));
  try {
    const file = join(folder, 'piece.mp4');
    await writeFile(file, media);
    const { clocks } = await inspectMedia(file, { seconds: 20 });
    const [first, last] = [clocks[0], clocks.at(-1)];
    return first && last && { url, arrivedAt, from: first.clockMs, to: last.clockMs };
  } finally {
    await rm(folder, { recursive: true });
  }
}
