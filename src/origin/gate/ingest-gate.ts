import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import { BITRATE_WINDOW_SECONDS, MAX_UNPUBLISHED, PUBLISH_WITHIN_MS, type GateRefusal } from '../limits.ts';
import type { OriginMetrics } from '../metrics.ts';
import { whoLeaves } from './crowd.ts';
import { GatedConnection } from './gated-connection.ts';
import { MediaAllowance } from './media-allowance.ts';
import { readProxyHeader } from './proxy-header.ts';

/** What an IngestGate needs. */
export interface IngestGateOptions {
  /** Port of nginx's RTMP server on this machine, which expects the PROXY protocol. */
  readonly port: number;
  readonly maxBitrateKbps: number;
  readonly metrics: OriginMetrics;
  readonly log: Logger;
  readonly monotonic: () => number;
  readonly maxUnpublished?: number;
}

const IDENTITIES = 2 ** 24;

/**
 * Stands between TLS and nginx's RTMP server, which allocates as much memory as a connection requires, whether or not it
 * has a key. The gate bounds what a connection may send, and for how long it may stay, until the hook of nginx reports that
 * its key was accepted; and how fast it may send afterwards.
 *
 * nginx names a connection by its address alone, which many clients may share. The gate therefore assigns each connection a
 * separate address, which nginx repeats in its hooks.
 */
export class IngestGate implements AsyncDisposable {
  readonly #options: IngestGateOptions;
  readonly #server: Server;
  /** All connections with a complete PROXY header, by identity. */
  readonly #connections = new Map<string, GatedConnection>();
  /** Those that have not published yet, in the order of arrival. */
  readonly #unpublished = new Set<GatedConnection>();
  /** Sockets without a complete header. */
  readonly #nameless = new Set<Socket>();
  #lastIdentity = 0;

  private constructor(options: IngestGateOptions) {
    this.#options = options;
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#greet(socket);
    });
  }

  /** Starts on a free port of this machine. */
  static async listen(options: IngestGateOptions): Promise<IngestGate> {
    const gate = new IngestGate(options);
    gate.#server.listen(0, '127.0.0.1');
    await once(gate.#server, 'listening');
    return gate;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the gate does not listen');
    return address.port;
  }

  /** Number of connections whose key was not accepted yet. */
  get unpublished(): number {
    return this.#unpublished.size;
  }

  /**
   * The key of the connection was accepted. `onTooFast` is called when it is cut because of its bitrate. False: the
   * connection is gone.
   */
  admit(identity: string, onTooFast: () => void): boolean {
    const connection = this.#connections.get(identity);
    if (connection === undefined) return false;
    const { maxBitrateKbps, monotonic } = this.#options;
    this.#unpublished.delete(connection);
    connection.publish(new MediaAllowance(maxBitrateKbps, BITRATE_WINDOW_SECONDS, monotonic()), onTooFast);
    return true;
  }

  /** The connection no longer publishes: it would only occupy memory. */
  dismiss(identity: string): void {
    this.#connections.get(identity)?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#nameless) socket.destroy();
    for (const connection of this.#connections.values()) connection.close();
    await closed;
  }

  /** Reads the PROXY header. The deadline to publish begins here. */
  #greet(socket: Socket): void {
    let start: Buffer = Buffer.alloc(0);
    this.#nameless.add(socket);
    const leave = (): void => {
      this.#nameless.delete(socket);
    };
    const deadline = setTimeout(() => {
      this.#refused('late', '');
      socket.destroy();
    }, PUBLISH_WITHIN_MS);
    const ignore = (): void => undefined;
    const onClose = (): void => {
      clearTimeout(deadline);
      leave();
    };
    const onData = (bytes: Buffer): void => {
      start = Buffer.concat([start, bytes]);
      const header = readProxyHeader(start);
      if (header.kind === 'incomplete') return;
      socket.off('data', onData).off('close', onClose);
      onClose();
      if (header.kind === 'malformed') {
        this.#refused('malformed', '');
        socket.destroy();
        return;
      }
      this.#enter(socket, header.address, start.subarray(header.bytes));
    };
    socket.on('data', onData).on('close', onClose).on('error', ignore);
  }

  #enter(client: Socket, address: string, first: Buffer): void {
    const { port, monotonic, maxUnpublished = MAX_UNPUBLISHED } = this.#options;
    const identity = this.#nextIdentity();
    const deadline = setTimeout(() => {
      if (this.#unpublished.has(connection)) this.#refuse(connection, 'late');
    }, PUBLISH_WITHIN_MS);
    const connection: GatedConnection = new GatedConnection(
      {
        ...{ client, address, identity, port, monotonic },
        onClose: () => {
          clearTimeout(deadline);
          this.#connections.delete(identity);
          this.#unpublished.delete(connection);
        },
      },
      first,
    );
    this.#connections.set(identity, connection);
    this.#unpublished.add(connection);
    if (this.#unpublished.size <= maxUnpublished) return;
    const leaving = whoLeaves([...this.#unpublished]);
    if (leaving !== undefined) this.#refuse(leaving, 'crowded');
  }

  #refuse(connection: GatedConnection, reason: GateRefusal): void {
    this.#refused(reason, connection.address);
    connection.close();
  }

  #refused(reason: GateRefusal, address: string): void {
    this.#options.metrics.ingestRefusals.inc({ reason });
    this.#options.log.debug({ reason, address }, 'connection closed before it published');
  }

  /** An address of 10.0.0.0/8 that no other connection has. It never leaves this machine. */
  #nextIdentity(): string {
    for (;;) {
      this.#lastIdentity = (this.#lastIdentity + 1) % IDENTITIES;
      const number = this.#lastIdentity;
      const identity = `10.${number >> 16}.${(number >> 8) & 0xff}.${number & 0xff}`;
      if (!this.#connections.has(identity)) return identity;
    }
  }
}
