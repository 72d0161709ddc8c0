import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** What is wrong with the front. */
export interface FrontFaults {
  /** Answer to each request for a playlist. */
  readonly playlistStatus?: number | undefined;
  /** Playlists are the page of a gateway. */
  readonly garbage?: boolean | undefined;
  /** Each playlist is the last one that was there before. */
  readonly stale?: boolean | undefined;
  /** Bytes per second of each answer. */
  readonly bytesPerSecond?: number | undefined;
}

/** A request for a playlist, and what it got. */
export interface PlaylistRequest {
  readonly path: string;
  readonly userAgent: string;
  readonly status: number;
}

const TIMEOUT_MS = 10_000;
/** Slow answers come in such pieces. */
const PIECE_BYTES = 2_048;
const GATEWAY_PAGE = '<!doctype html><title>Bad gateway</title>';

/** What a CDN is to an origin: players request media from it, and it requests it from the origin. It can have faults. */
export class MediaFront implements AsyncDisposable {
  readonly url: string;
  readonly #origin: string;
  readonly #server: Server;
  readonly #playlists = new Map<string, string>();
  readonly #end = new AbortController();
  #requests: PlaylistRequest[] = [];
  #faults: FrontFaults = {};
  #isCut = false;

  private constructor(url: string, origin: string, server: Server) {
    this.url = url;
    this.#origin = origin;
    this.#server = server;
    server.on('connection', (socket) => {
      if (this.#isCut) socket.resetAndDestroy();
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  /** `address`: an address of this machine at which players and pods reach it. */
  static async start(address: string, origin: string): Promise<MediaFront> {
    const server = createServer();
    server.listen(0, address);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // listens on TCP
    return new MediaFront(`http://${address}:${String(port)}`, origin, server);
  }

  /** From now on, also for answers that are under way. No faults: `{}`. */
  fault(faults: FrontFaults): void {
    this.#faults = faults;
  }

  /** Resets every connection and refuses new ones until `mend`. */
  cut(): void {
    this.#isCut = true;
    this.#server.closeAllConnections();
  }

  mend(): void {
    this.#isCut = false;
  }

  /** The requests for playlists since the last call. */
  takeRequests(): readonly PlaylistRequest[] {
    const taken = this.#requests;
    this.#requests = [];
    return taken;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url: path = '/', method = 'GET', headers } = request;
    const isPlaylist = new URL(path, this.url).pathname.endsWith('.m3u8');
    response.setHeader('access-control-allow-origin', '*');
    if (isPlaylist) {
      response.once('finish', () => {
        const { 'user-agent': userAgent = '' } = headers;
        this.#requests.push({ path, userAgent, status: response.statusCode });
      });
      if (this.#answerWithFault(path, response)) return;
    }
    const limit = AbortSignal.any([this.#end.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const answer = await fetch(`${this.#origin}${path}`, { method, signal: limit, redirect: 'manual' }).catch(
      () => undefined,
    );
    if (answer === undefined) {
      response.writeHead(502).end();
      return;
    }
    for (const name of ['content-type', 'cache-control', 'date', 'access-control-expose-headers']) {
      const value = answer.headers.get(name);
      if (value !== null) response.setHeader(name, value);
    }
    response.writeHead(answer.status);
    if (!isPlaylist && answer.body !== null) {
      await pipeline(this.#slowed(Readable.fromWeb(answer.body)), response);
      return;
    }
    const text = await answer.text();
    if (answer.ok) this.#playlists.set(path, text);
    response.end(text);
  }

  /** Whether it has answered. */
  #answerWithFault(path: string, response: ServerResponse): boolean {
    const { playlistStatus, garbage = false, stale = false } = this.#faults;
    const kept = stale ? this.#playlists.get(path) : undefined;
    if (playlistStatus !== undefined) response.writeHead(playlistStatus).end();
    else if (garbage) response.writeHead(200, { 'content-type': 'text/html' }).end(GATEWAY_PAGE);
    else if (kept !== undefined)
      response.writeHead(200, { 'content-type': 'application/vnd.apple.mpegurl' }).end(kept);
    else return false;
    return true;
  }

  async *#slowed(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of body)
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        const piece = chunk.subarray(at, at + PIECE_BYTES);
        const { bytesPerSecond } = this.#faults;
        if (bytesPerSecond !== undefined) await pause((piece.length / bytesPerSecond) * 1_000);
        yield piece;
      }
  }
}
