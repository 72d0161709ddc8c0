import { connect, type Socket } from 'node:net';
import { UNPUBLISHED_BYTES } from '../limits.ts';
import type { MediaAllowance } from './media-allowance.ts';
import { proxyHeader } from './proxy-header.ts';

/** What a GatedConnection needs. */
export interface GatedConnectionOptions {
  /** The connection from the client. */
  readonly client: Socket;
  /** Address of the client. */
  readonly address: string;
  /** Address under which nginx knows this connection, and no other. */
  readonly identity: string;
  /** Port of nginx's RTMP server on this machine. */
  readonly port: number;
  readonly monotonic: () => number;
  /** Called once, when both sides are closed or closing. */
  readonly onClose: () => void;
}

/** What applies to a publisher whose key was accepted. */
interface Publishing {
  readonly allowance: MediaAllowance;
  readonly onTooFast: () => void;
}

/**
 * One connection to nginx's RTMP server. Until the key was accepted, no more than UNPUBLISHED_BYTES are passed on, so that
 * nginx has nothing else to keep; what the client sends beyond them stays in the kernel's buffers. After that, everything is
 * passed on, as long as it is within the publisher's bitrate.
 */
export class GatedConnection {
  readonly address: string;
  readonly #options: GatedConnectionOptions;
  readonly #upstream: Socket;
  #allowedBytes = UNPUBLISHED_BYTES;
  #held: Buffer | undefined;
  #publishing: Publishing | undefined;
  #closed = false;

  /** `first`: what the client has sent so far. */
  constructor(options: GatedConnectionOptions, first: Buffer) {
    const { client, address, identity, port } = options;
    this.#options = options;
    this.address = address;
    const upstream = connect({ host: '127.0.0.1', port, noDelay: true });
    this.#upstream = upstream;
    for (const socket of [client, upstream]) {
      socket.on('close', () => {
        this.#end((other) => other.destroySoon());
      });
      // "close" follows.
      socket.on('error', () => undefined);
    }
    upstream.write(proxyHeader(identity));
    upstream.on('drain', () => {
      if (this.#held === undefined) client.resume();
    });
    upstream.pipe(client);
    client.on('data', (bytes: Buffer) => {
      this.#pass(bytes);
    });
    if (first.length > 0) this.#pass(first);
  }

  /** The key was accepted: everything is passed on, while `allowance` lasts. `onTooFast` is called before it is closed. */
  publish(allowance: MediaAllowance, onTooFast: () => void): void {
    this.#publishing = { allowance, onTooFast };
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#pass(held);
    if (!this.#upstream.writableNeedDrain) this.#options.client.resume();
  }

  /** Closes both sides at once. */
  close(): void {
    this.#end((socket) => socket.destroy());
  }

  /** When one side has closed, the other one still gets what was sent to it, e.g. the last frames of a publisher. */
  #end(close: (socket: Socket) => void): void {
    if (this.#closed) return;
    this.#closed = true;
    close(this.#options.client);
    close(this.#upstream);
    this.#options.onClose();
  }

  #pass(bytes: Buffer): void {
    if (this.#closed) return;
    if (this.#publishing === undefined) {
      this.#passUnpublished(bytes);
      return;
    }
    const { allowance, onTooFast } = this.#publishing;
    if (!allowance.take(bytes.length, this.#options.monotonic())) {
      onTooFast();
      this.close();
      return;
    }
    this.#send(bytes);
  }

  #passUnpublished(bytes: Buffer): void {
    const allowed = bytes.subarray(0, this.#allowedBytes);
    this.#allowedBytes -= allowed.length;
    if (allowed.length > 0) this.#send(allowed);
    if (allowed.length === bytes.length) return;
    this.#held = bytes.subarray(allowed.length);
    this.#options.client.pause();
  }

  #send(bytes: Buffer): void {
    if (!this.#upstream.write(bytes)) this.#options.client.pause();
  }
}
