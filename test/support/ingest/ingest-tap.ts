import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type net from 'node:net';
import tls from 'node:tls';
import type { IngestServer } from './ingest-server.ts';
import { mediaTag, type MediaTag } from './media-tag.ts';
import { RtmpReader } from './rtmp-messages.ts';

/** One RTMP connection that came to the ingest. */
export interface Session {
  readonly openedAt: number;
  closedAt: number | undefined;
  /** Whether the publisher said goodbye (FCUnpublish, deleteStream or closing the connection in order). */
  endedProperly: boolean;
  /** Whether its first media are not kept any more. */
  forgotten: boolean;
  readonly tags: MediaTag[];
}

/**
 * Stands before the ingest, ends TLS with the ingest's own certificate, and sends every byte on to it over TLS
 * again. On the way it keeps which picture and which sound came when.
 */
export class IngestTap implements AsyncDisposable {
  readonly sessions: Session[] = [];
  /** Connections that ended before TLS was through, as of a client that does not trust the certificate. */
  handshakesFailed = 0;
  readonly caFile: string;
  readonly streamKey: string;
  readonly #server: tls.Server;
  readonly #sockets = new Set<net.Socket>();
  /** Called for each tag; what a benchmark does with it must be quick. */
  onTag: (tag: MediaTag) => void = () => undefined;

  private constructor(ingest: IngestServer, server: tls.Server) {
    this.caFile = ingest.caFile;
    this.streamKey = ingest.streamKey;
    this.#server = server;
    server.on('secureConnection', (socket) => this.#carry(socket, ingest.port));
    server.on('tlsClientError', () => this.handshakesFailed++);
  }

  static async start(ingest: IngestServer): Promise<IngestTap> {
    const cert = await readFile(ingest.caFile);
    const key = await readFile(ingest.caFile.replace(/crt$/, 'key'));
    const server = tls.createServer({ cert, key });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new IngestTap(ingest, server);
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the tap is not listening');
    return address.port;
  }

  /** Lets go of the media so far; the decoders' configuration stays. */
  forget(): void {
    for (const session of this.sessions) {
      const headers = session.tags.filter(({ isHeader }) => isHeader);
      session.forgotten ||= session.tags.length > headers.length;
      session.tags.splice(0, session.tags.length, ...headers);
    }
  }

  /** Media of all sessions in the order in which it came, without the decoders' configuration. */
  media(kind?: MediaTag['kind']): MediaTag[] {
    return this.sessions
      .flatMap(({ tags }) => tags.filter((tag) => !tag.isHeader && (kind ?? tag.kind) === tag.kind))
      .sort((a, b) => a.at - b.at);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #carry(client: net.Socket, port: number): void {
    const session: Session = {
      openedAt: performance.now(),
      closedAt: undefined,
      endedProperly: false,
      forgotten: false,
      tags: [],
    };
    this.sessions.push(session);
    const reader = new RtmpReader();
    // The name was verified by the publisher; this leg is ours.
    const ingest = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    for (const socket of [client, ingest]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined); // 'close' follows
    }
    client.on('data', (bytes: Buffer) => {
      const at = performance.now();
      for (const message of reader.read(bytes)) {
        if (message.type === 20 && message.payload.includes('deleteStream')) session.endedProperly = true;
        const tag = mediaTag(message, at);
        if (tag === undefined) continue;
        session.tags.push(tag);
        this.onTag(tag);
      }
    });
    client.pipe(ingest).pipe(client);
    const end = (): void => {
      session.closedAt ??= performance.now();
      for (const socket of [client, ingest]) {
        socket.destroy();
        this.#sockets.delete(socket);
      }
    };
    client.on('close', end);
    ingest.on('close', end);
  }
}
