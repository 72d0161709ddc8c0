import net from 'node:net';
import tls from 'node:tls';
import type { IngestTarget } from './ingest-target.ts';

/** How far the way to the ingest has come. Each step includes the ones before. */
export type TunnelStep = 'dialing' | 'connected' | 'rtmp-connected' | 'publishing';

export interface TunnelEnd {
  readonly step: TunnelStep;
  readonly by: 'ingest' | 'encoder' | 'relay';
  /** Node's code of the error that ended it, e.g. ECONNREFUSED or SELF_SIGNED_CERT_IN_CHAIN. */
  readonly errorCode: string | undefined;
  readonly errorMessage: string | undefined;
  /** What the ingest said in RTMP, e.g. NetStream.Publish.BadName. */
  readonly statusCode: string | undefined;
}

/** Enough of what the ingest says to hold any of its status messages, cut over two chunks or not. */
const TAIL_BYTES = 1_024;

/**
 * The way from FFmpeg to the ingest: FFmpeg speaks plain RTMP to a port on 127.0.0.1 and this carries the bytes over
 * TLS. FFmpeg could do TLS itself, but its OpenSSL build verifies no host name, it names the causes of failure only
 * in prose, and it cannot say how much the ingest has taken. See docs/relay.md.
 */
export class IngestTunnel {
  #server = net.createServer({ allowHalfOpen: true });
  #remote: net.Socket;
  #local: net.Socket | undefined;
  #step: TunnelStep = 'dialing';
  #said = '';
  #acceptedBytes = 0;
  #statusCode: string | undefined;
  #encoderLeft = false;
  #ended = false;
  readonly #onEnd: (end: TunnelEnd) => void;

  private constructor(target: IngestTarget, onEnd: (end: TunnelEnd) => void) {
    this.#onEnd = onEnd;
    this.#remote = dial(target, () => this.#reach('connected'));
    this.#remote.setNoDelay(true);
    this.#remote.on('data', (chunk: Buffer) => this.#hear(chunk));
    this.#remote.on('error', (error) => this.#end('ingest', error));
    this.#remote.on('close', () => this.#end(this.#encoderLeft ? 'encoder' : 'ingest'));
    this.#server.on('connection', (socket) => this.#accept(socket));
  }

  /** Starts to dial at once, so that the connection is there when FFmpeg comes for it. */
  static async open(target: IngestTarget, onEnd: (end: TunnelEnd) => void): Promise<IngestTunnel> {
    const tunnel = new IngestTunnel(target, onEnd);
    await new Promise<void>((resolve, reject) => {
      tunnel.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return tunnel;
  }

  /** Where FFmpeg connects to. */
  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string')
      throw new Error('The ingest tunnel is not listening.');
    return address.port;
  }

  get step(): TunnelStep {
    return this.#step;
  }

  /** Bytes that have left for the ingest's socket; those that the network does not take are not counted. */
  get acceptedBytes(): number {
    return this.#acceptedBytes;
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
      const more = this.#remote.write(chunk, (error) => {
        if (error === undefined || error === null) this.#acceptedBytes += chunk.length;
      });
      if (!more) {
        socket.pause();
        this.#remote.once('drain', () => socket.resume());
      }
    });
    // FFmpeg says goodbye and closes; what it wrote last still goes out before the ingest's side is closed.
    socket.on('end', () => this.#leave());
    socket.on('close', () => this.#leave());
  }

  #leave(): void {
    this.#encoderLeft = true;
    if (this.#step === 'dialing') this.#end('encoder');
    else this.#remote.end();
  }

  #hear(chunk: Buffer): void {
    if (this.#step !== 'publishing') {
      this.#said = (this.#said + chunk.toString('latin1')).slice(-TAIL_BYTES);
      if (this.#said.includes('NetConnection.Connect.Success')) this.#reach('rtmp-connected');
      if (this.#said.includes('NetStream.Publish.Start')) this.#reach('publishing');
      this.#statusCode = refusalIn(this.#said) ?? this.#statusCode;
    }
    this.#local?.write(chunk);
  }

  #reach(step: TunnelStep): void {
    this.#step = step;
    if (step === 'publishing') this.#said = '';
  }

  #end(by: TunnelEnd['by'], error?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#server.close();
    this.#remote.destroy();
    this.#local?.destroy();
    const code = error !== undefined && 'code' in error ? String(error.code) : undefined;
    this.#onEnd({
      step: this.#step,
      by,
      errorCode: code,
      errorMessage: error?.message,
      statusCode: this.#statusCode,
    });
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

/** Node's own list and the system's, which may hold a company's. */
function publicAuthorities(): string[] {
  return [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])];
}

/** The status that says no, e.g. NetStream.Publish.BadName or NetConnection.Connect.Rejected. */
function refusalIn(text: string): string | undefined {
  return /Net(?:Stream\.Publish|Connection\.Connect)\.(?!Start|Success)[A-Za-z]+/.exec(text)?.[0];
}
