import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ChannelNumbers } from '../../../src/api/live-numbers.ts';
import type { ChannelView } from '../../../src/api/channel-view.ts';
import { SeededRandom } from '../../support/numbers/seeded-random.ts';
import { channelOnAir } from '../../support/server/recording-services.ts';

/** What a browser requests, by path. */
export interface ServedFile {
  readonly type: string;
  readonly body: Uint8Array;
  readonly encoding?: string;
}

/** Numbers of all channels are sent at this interval, as the service does. */
const NUMBERS_MS = 2_000;
/** Something changes about one channel at this interval: each of 500 once in 50 s. */
const STATUS_MS = 100;

const none = {
  '/trpc/platforms': [],
  '/trpc/alerts': { items: [] },
  '/trpc/overview': {
    at: new Date(0).toISOString(),
    channels: { total: 500, wanted: 500, onAir: 500 },
    viewers: { agora: 10_000, hls: 200_000, unknown: 0 },
    costs: {
      perHourUsd: '15000.000000',
      agoraAlonePerHourUsd: '50274.000000',
      savedPerHourUsd: '35274.000000',
      unknown: 0,
    },
    health: { good: 480, fair: 15, poor: 5, unknown: 0 },
    alerts: { critical: 0, warning: 0, info: 0 },
  },
} as const;

/** A service with many channels on air, of which it tells all subscribers the numbers and what changes. */
export class BusyService implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #files: ReadonlyMap<string, ServedFile>;
  readonly #channels: readonly ChannelView[];
  readonly #random = new SeededRandom('dashboard');
  readonly #streams = new Set<ServerResponse>();
  readonly #timers: readonly NodeJS.Timeout[];
  #events = 0;

  private constructor(server: Server, files: ReadonlyMap<string, ServedFile>, options: BusyOptions) {
    this.#server = server;
    this.#files = files;
    const { port } = server.address() as AddressInfo; // a TCP server that is listening
    this.url = `http://127.0.0.1:${String(port)}`;
    this.#channels = Array.from({ length: options.channels }, (_, index) => {
      const id = `show-${String(index)}`;
      return { ...channelOnAir, id, name: id };
    });
    this.#timers = [
      setInterval(() => this.#sendNumbers(), NUMBERS_MS / options.speed),
      setInterval(() => this.#sendStatus(), STATUS_MS / options.speed),
    ];
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#answer(request, response);
    });
  }

  static async open(files: ReadonlyMap<string, ServedFile>, options: BusyOptions): Promise<BusyService> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return new BusyService(server, files, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? '/', this.url);
    const file = this.#files.get(pathname);
    if (file !== undefined) {
      const { type, body, encoding } = file;
      response.writeHead(200, {
        'content-type': type,
        ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
      });
      response.end(body);
    } else if (pathname === '/trpc/events.all') this.#stream(response);
    else if (pathname === '/v1/session')
      json(response, { subject: 'bench', scope: 'operate', expiresAt: '2999-01-01T00:00:00.000Z' });
    else if (pathname === '/trpc/channels.list') trpc(response, { items: this.#channels });
    else if (isKnown(pathname)) trpc(response, none[pathname]);
    else response.writeHead(404).end();
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: connected\ndata: {}\n\n');
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
    this.#sendNumbers();
  }

  #sendNumbers(): void {
    this.#send({ type: 'numbers', at: now(), channels: this.#channels.map(({ id }) => this.#numbersOf(id)) });
  }

  #numbersOf(channelId: string): ChannelNumbers {
    return {
      ...{ channelId, at: now(), health: 'good' },
      agoraViewers: Math.floor(this.#random.next() * 40),
      hlsViewers: Math.floor(this.#random.next() * 800),
      bitrateKbps: 2_400 + Math.floor(this.#random.next() * 200),
    };
  }

  #sendStatus(): void {
    const channel = this.#channels[this.#events % this.#channels.length];
    if (channel === undefined) return;
    const hlsViewers = Math.floor(this.#random.next() * 800);
    this.#send({ type: 'status', channel: { ...channel, relay: { ...channel.relay, hlsViewers } } });
  }

  #send(event: object): void {
    this.#events += 1;
    const id = `1.${String(this.#events)}`;
    const text = `data: ${JSON.stringify({ ...event, id })}\nid: ${id}\n\n`;
    for (const stream of this.#streams) stream.write(text);
  }
}

export interface BusyOptions {
  readonly channels: number;
  /** How many times as often as a real service it sends events. */
  readonly speed: number;
}

const now = (): string => new Date().toISOString();
const isKnown = (path: string): path is keyof typeof none => Object.hasOwn(none, path);
const trpc = (response: ServerResponse, data: unknown): void => json(response, { result: { data } });

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
