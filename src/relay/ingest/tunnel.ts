import net from 'node:net';
import tls from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import { AckTracker } from './ack-tracker.ts';
import type { IngestTarget } from './ingest-target.ts';
import { unacknowledgedBytes } from './kernel-queue.ts';
import {
  firstNumber,
  messageType,
  RtmpMessageReader,
  windowAcknowledgementSize,
  type RtmpMessage,
} from './rtmp-messages.ts';
import { errorCode } from '../../base/error-text.ts';

/** Progress of the connection to the ingest. Each step includes the ones before. */
export type TunnelStep = 'dialing' | 'connected' | 'rtmp-connected' | 'publishing';

/** How the tunnel ended. */
export interface TunnelEnd {
  readonly step: TunnelStep;
  /** The side that ended it. */
  readonly by: 'ingest' | 'encoder' | 'relay';
  /** Node's code of the error that ended it, e.g. ECONNREFUSED or SELF_SIGNED_CERT_IN_CHAIN. */
  readonly errorCode: string | undefined;
  readonly errorMessage: string | undefined;
  /** Status code that the ingest sent in RTMP, e.g. NetStream.Publish.BadName. */
  readonly statusCode: string | undefined;
}

/** What a tunnel needs. */
export interface TunnelOptions {
  readonly target: IngestTarget;
  /** Limit for connecting, including TLS, in milliseconds. */
  readonly dialLimitMs: number;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Called once. */
  readonly onEnd: (end: TunnelEnd) => void;
}

/** Results in 20 acknowledgements per second at 2.5 Mbit/s, and one per second with audio only. */
const WINDOW_BYTES = 16 * 1024;
/**
 * FFmpeg's output is not read while more than this waits for the network: 3 s at 10 Mbit/s, after which the
 * connection is dead.
 */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** Interval at which the kernel's send queue is read while the ingest sends no acknowledgements. */
const KERNEL_POLL_INTERVAL_MS = 250;

/**
 * The connection from FFmpeg to the ingest: FFmpeg speaks plain RTMP to a port on 127.0.0.1, and the tunnel carries
 * the bytes over TLS. FFmpeg could use TLS itself, but its OpenSSL build verifies no host name, it names the causes
 * of failures only in prose, and it cannot report how much the ingest has accepted. See docs/contribute/relay.md.
 *
 * The tunnel reads FFmpeg's bytes as they come and buffers what the network does not accept yet. Their age is
 * therefore known to the millisecond; kernel buffers between FFmpeg and the tunnel would hide seconds.
 */
export class IngestTunnel {
  #server = net.createServer({ allowHalfOpen: true });
  readonly #limit: NodeJS.Timeout;
  #remote: net.Socket;
  #local: net.Socket | undefined;
  #step: TunnelStep = 'dialing';
  #dialMs: number | undefined;
  #statusCode: string | undefined;
  #encodedAt: number | undefined;
  #handedToKernel = 0;
  #lookedAt = -Infinity;
  #encoderLeft = false;
  #ended = false;
  readonly #heard = new RtmpMessageReader();
  /** Reads FFmpeg's messages until the ingest has been requested to acknowledge. */
  #asking: RtmpMessageReader | undefined = new RtmpMessageReader();
  readonly #acks = new AckTracker(WINDOW_BYTES);
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #onEnd: (end: TunnelEnd) => void;

  private constructor({ target, dialLimitMs, clock, onEnd }: TunnelOptions) {
    this.#clock = clock;
    this.#onEnd = onEnd;
    const begun = clock.monotonic();
    this.#remote = dial(target, () => {
      clearTimeout(this.#limit);
      this.#step = 'connected';
      this.#dialMs = clock.monotonic() - begun;
    });
    this.#limit = setTimeout(() => {
      this.#end('ingest', Object.assign(new Error('no response'), { code: 'ETIMEDOUT' }));
    }, dialLimitMs);
    this.#remote.setNoDelay(true);
    this.#remote.on('data', (chunk: Buffer) => this.#hear(chunk));
    this.#remote.on('error', (error) => this.#end('ingest', error));
    this.#remote.on('close', () => this.#end(this.#encoderLeft ? 'encoder' : 'ingest'));
    this.#server.on('connection', (socket) => this.#accept(socket));
  }

  /** Starts to connect immediately, so that the connection is ready when FFmpeg needs it. */
  static async open(options: TunnelOptions): Promise<IngestTunnel> {
    const tunnel = new IngestTunnel(options);
    await new Promise<void>((resolve, reject) => {
      tunnel.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return tunnel;
  }

  /** Port on 127.0.0.1 for FFmpeg. */
  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string')
      throw new Error('The ingest tunnel is not listening.');
    return address.port;
  }

  get step(): TunnelStep {
    return this.#step;
  }

  /** How long connecting took, including TLS, in milliseconds; undefined before. */
  get dialMs(): number | undefined {
    return this.#dialMs;
  }

  /** When FFmpeg last produced output; the current time while its output is not being read. */
  get encodedAt(): number | undefined {
    return this.#local?.isPaused() === true ? this.#clock.monotonic() : this.#encodedAt;
  }

  /** Bytes that have arrived at the ingest; if the ingest does not acknowledge, at its kernel. */
  get acceptedBytes(): number {
    this.#lookAtKernel();
    return this.#acks.acceptedBytes;
  }

  get acceptedAt(): number | undefined {
    this.#lookAtKernel();
    return this.#acks.acceptedAt;
  }

  /** Age of the oldest bytes from FFmpeg that have not arrived, in milliseconds; 0 when all have. */
  get lagMs(): number {
    this.#lookAtKernel();
    return this.#acks.lagMs(this.#clock.monotonic());
  }

  /** How the tunnel would have ended if FFmpeg had closed it now. */
  get leftByEncoder(): TunnelEnd {
    return this.#describe('encoder');
  }

  close(): void {
    this.#end('relay');
  }

  #accept(socket: net.Socket): void {
    if (this.#local !== undefined) {
      socket.destroy();
      return;
    }
    this.#local = socket;
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      this.#encodedAt = this.#clock.monotonic();
      this.#send(chunk);
      if (this.#asking !== undefined) {
        this.#asking.push(chunk);
        this.#askForAcknowledgements();
      }
      if (this.#remote.writableLength > MAX_WAITING_BYTES) {
        socket.pause();
        this.#remote.once('drain', () => socket.resume());
      }
    });
    // FFmpeg says goodbye and closes; its last bytes are still sent before the connection to the ingest is closed.
    socket.on('end', () => this.#leave());
    socket.on('close', () => this.#leave());
  }

  #send(chunk: Uint8Array): void {
    this.#acks.sent(chunk.length, this.#clock.monotonic());
    this.#gather();
    this.#remote.write(chunk, (error) => {
      if (error === undefined || error === null) this.#handedToKernel += chunk.length;
    });
  }

  /** FFmpeg writes a message in many small pieces. They are combined into one TLS record and one packet. */
  #gather(): void {
    if (this.#remote.writableCorked > 0) return;
    this.#remote.cork();
    setImmediate(() => this.#remote.uncork());
  }

  #leave(): void {
    this.#encoderLeft = true;
    if (this.#step === 'dialing') this.#end('encoder');
    else this.#remote.end();
  }

  #hear(chunk: Buffer): void {
    for (const message of this.#heard.push(chunk)) this.#take(message);
    this.#local?.write(chunk);
  }

  #take({ type, payload }: RtmpMessage): void {
    if (type === messageType.acknowledgement) {
      const sequence = firstNumber(payload);
      if (sequence !== undefined) this.#acks.acknowledged(sequence, this.#clock.monotonic());
    } else if (type === messageType.commandAmf0 || type === messageType.commandAmf3) {
      const said = Buffer.from(payload).toString('latin1');
      if (said.includes('NetConnection.Connect.Success')) {
        this.#step = 'rtmp-connected';
        this.#askForAcknowledgements();
      }
      if (said.includes('NetStream.Publish.Start')) this.#step = 'publishing';
      this.#statusCode = refusalIn(said) ?? this.#statusCode;
    }
  }

  /**
   * Inserts our own message between FFmpeg's, once the ingest has answered the first: some servers accept nothing
   * before the connect command, and other encoders send it at this point, too.
   */
  #askForAcknowledgements(): void {
    if (this.#step === 'dialing' || this.#step === 'connected' || this.#asking?.betweenMessages !== true)
      return;
    this.#asking = undefined;
    this.#send(windowAcknowledgementSize(WINDOW_BYTES));
  }

  #lookAtKernel(): void {
    const now = this.#clock.monotonic();
    if (this.#acks.acknowledges || this.#ended || now - this.#lookedAt < KERNEL_POLL_INTERVAL_MS) return;
    this.#lookedAt = now;
    const queued = unacknowledgedBytes(this.#remote) ?? 0;
    this.#acks.holds(this.#acks.sentBytes - this.#handedToKernel + queued, now);
  }

  #describe(by: TunnelEnd['by'], error?: Error): TunnelEnd {
    return {
      step: this.#step,
      by,
      errorCode: errorCode(error),
      errorMessage: error?.message,
      statusCode: this.#statusCode,
    };
  }

  #end(by: TunnelEnd['by'], error?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#limit);
    this.#server.close();
    this.#remote.destroy();
    this.#local?.destroy();
    this.#onEnd(this.#describe(by, error));
  }
}

function dial(target: IngestTarget, onConnected: () => void): net.Socket {
  const { host, port, secure, ca } = target;
  if (!secure) return net.connect({ host, port }, onConnected);
  const servername = net.isIP(host) === 0 ? { servername: host } : {};
  return tls.connect(
    { host, port, ...servername, ca: ca ?? publicAuthorities(), minVersion: 'TLSv1.2' },
    onConnected,
  );
}

/** Node's own list and the system's, which may contain a company's certificate authorities. */
function publicAuthorities(): string[] {
  return [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])];
}

/** The status code of a rejection, e.g. NetStream.Publish.BadName or NetConnection.Connect.Rejected. */
function refusalIn(text: string): string | undefined {
  return /Net(?:Stream\.Publish|Connection\.Connect)\.(?!Start|Success)[A-Za-z]{1,40}/.exec(text)?.[0];
}
