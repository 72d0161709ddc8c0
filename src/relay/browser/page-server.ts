import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { decodeFrame, type EncodedFrame } from '../frame-protocol.ts';
import { pageEventSchema, type PageCommand, type PageEvent } from '../page-protocol.ts';

const FILES: Readonly<Record<string, string>> = {
  'page.html': 'text/html',
  'page.js': 'text/javascript',
  'worker.js': 'text/javascript',
  'agora.js': 'text/javascript',
};

/** What a PageServer needs. */
export interface PageServerOptions {
  /** Folder with the built page. */
  readonly directory: string;
  /** Called when a page without any state connects: the first page, a reloaded one, or that of another browser. */
  readonly onPage: () => void;
  readonly onEvent: (event: PageEvent) => void;
  readonly onFrame: (frame: EncodedFrame) => void;
}

/**
 * Serves the relay's page to the relay's browser on 127.0.0.1 (a secure context, which the SDK requires) and receives
 * what the page and its worker send. Every path starts with a random token, so that other processes with access to
 * the loopback interface, e.g. another container of the pod, can neither read frames nor impersonate the page.
 */
export class PageServer implements AsyncDisposable {
  readonly #options: PageServerOptions;
  readonly #token = randomBytes(16).toString('hex');
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: 16 * 1024 * 1024,
  });
  #control: WebSocket | undefined;
  #frames: WebSocket | undefined;

  private constructor(options: PageServerOptions) {
    this.#options = options;
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  static async start(options: PageServerOptions): Promise<PageServer> {
    const server = new PageServer(options);
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return server;
  }

  get pageUrl(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The page server is not listening.');
    return `http://127.0.0.1:${address.port}/${this.#token}/page.html`;
  }

  /** Sends a command. Returns false when no page is connected. */
  send(command: PageCommand): boolean {
    if (this.#control === undefined) return false;
    this.#control.send(JSON.stringify(command));
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#sockets.clients) client.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = this.#nameIn(request);
    const type = name === undefined ? undefined : FILES[name];
    if (name === undefined || type === undefined) {
      response.writeHead(404).end();
      return;
    }
    const content = await readFile(join(this.#options.directory, name)).catch(() => undefined);
    response.writeHead(content === undefined ? 404 : 200, { 'content-type': type }).end(content);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const name = this.#nameIn(request);
    if (name !== 'control' && name !== 'frames') {
      socket.destroy();
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('error', () => client.terminate());
      if (name === 'control') this.#takeControl(client);
      else this.#takeFrames(client);
    });
  }

  /** A new page replaces the one before, after a reload or a restart of the browser. */
  #takeControl(client: WebSocket): void {
    this.#control?.terminate();
    this.#control = client;
    this.#options.onPage();
    client.on('close', () => {
      if (this.#control === client) this.#control = undefined;
    });
    client.on('message', (data) => {
      const event = pageEventSchema.safeParse(JSON.parse(bytes(data).toString()));
      if (event.success && this.#control === client) this.#options.onEvent(event.data);
    });
  }

  #takeFrames(client: WebSocket): void {
    this.#frames?.terminate();
    this.#frames = client;
    client.on('message', (data) => {
      const frame = decodeFrame(bytes(data));
      if (frame !== undefined && this.#frames === client) this.#options.onFrame(frame);
    });
  }

  #nameIn({ url }: IncomingMessage): string | undefined {
    const prefix = `/${this.#token}/`;
    return url?.startsWith(prefix) === true ? url.slice(prefix.length) : undefined;
  }
}

function bytes(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
