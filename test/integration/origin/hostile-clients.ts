import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { connect as connectTls } from 'node:tls';

/** A client that wants to take the origin's memory or connections. */
export interface HostileClient extends Disposable {
  /** Whether the origin has closed the connection. */
  readonly closed: boolean;
}

function client(socket: Socket): HostileClient {
  let closed = false;
  socket.on('close', () => {
    closed = true;
  });
  socket.on('error', () => undefined);
  return {
    get closed() {
      return closed;
    },
    [Symbol.dispose]() {
      socket.destroy();
    },
  };
}

async function overTls(port: number): Promise<Socket> {
  const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

/** Connects and sends nothing; with `tls`, after the TLS handshake. */
export async function silentClient(port: number, tls: boolean): Promise<HostileClient> {
  if (tls) return client(await overTls(port));
  const socket = connectTcp({ host: '127.0.0.1', port });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return client(socket);
}

/** Sends the header of an HTTP request slowly, and never its end. */
export async function slowHeaderClient(port: number): Promise<HostileClient> {
  const socket = connectTcp({ host: '127.0.0.1', port });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write('GET /hls/00/index.m3u8 HTTP/1.1\r\nHost: localhost\r\n');
  const timer = setInterval(() => {
    socket.write(`X-${'a'.repeat(1000)}: b\r\n`);
  }, 500);
  socket.on('close', () => {
    clearInterval(timer);
  });
  return client(socket);
}

const HANDSHAKE_BYTES = 1536;
const PART_BYTES = 64 * 1024;
const RTMP_VERSION = 3;
const SET_CHUNK_SIZE = 1;
const VIDEO = 9;

/** The full header of a chunk (Adobe's RTMP 1.0, section 5.3.1.2.1). */
function chunkHeader(stream: number, type: number, messageBytes: number): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt8(stream, 0);
  header.writeUIntBE(messageBytes, 4, 3);
  header.writeUInt8(type, 7);
  header.writeUInt32LE(1, 8);
  return header;
}

/**
 * Does the RTMP handshake, without a key, and begins a message on each of `streams` chunk streams, of which all bytes but the
 * last arrive.
 */
export async function unfinishedMessagesClient(
  port: number,
  { streams, messageBytes }: { readonly streams: number; readonly messageBytes: number },
): Promise<HostileClient> {
  const socket = await overTls(port);
  const hostile = client(socket);
  let received = 0;
  socket.write(Buffer.concat([Buffer.of(RTMP_VERSION), Buffer.alloc(HANDSHAKE_BYTES)]));
  socket.on('data', (bytes: Buffer) => {
    const before = received;
    received += bytes.length;
    if (before > 2 * HANDSHAKE_BYTES || received <= 2 * HANDSHAKE_BYTES) return;
    const size = Buffer.alloc(4);
    size.writeUInt32BE(messageBytes);
    socket.write(Buffer.alloc(HANDSHAKE_BYTES));
    socket.write(Buffer.concat([chunkHeader(2, SET_CHUNK_SIZE, size.length), size]));
    Readable.from(unfinished(streams, messageBytes)).pipe(socket, { end: false });
  });
  return hostile;
}

function* unfinished(streams: number, messageBytes: number): Generator<Buffer> {
  const part = Buffer.alloc(PART_BYTES);
  for (let index = 0; index < streams; index++) {
    yield chunkHeader(3 + index, VIDEO, messageBytes);
    for (let left = messageBytes - 1; left > 0; left -= PART_BYTES) yield part.subarray(0, left);
  }
}
