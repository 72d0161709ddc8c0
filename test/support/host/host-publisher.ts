import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isRtcp, RtpHeader } from 'werift';
import type { Edge } from '../../fixtures/agora/edge.ts';
import { startFfmpegHost, type FfmpegHost } from '../../fixtures/agora/ffmpeg-host.ts';
import { plainSsrc } from '../../fixtures/agora/plain-publisher.ts';
import type { Loop } from './video-loop.ts';
import { SentFrames } from './sent-frames.ts';

/** A keyframe comes in one burst of a few hundred packets. */
const RECEIVE_BUFFER_BYTES = 4 << 20;

/** The type of a packet with a part of a NAL unit; two bytes say so (RFC 6184 section 5.8). */
const FU_A = 28;

interface Where {
  readonly channel: string;
  readonly uid: number;
}

/**
 * A host that sends a loop into the edge and keeps the time at which each of its pictures was complete: FFmpeg sends
 * to a port of ours, and what comes is sent on to the edge in the same turn.
 */
export class HostPublisher implements AsyncDisposable {
  readonly frames: SentFrames;
  readonly #edge: Edge;
  readonly #where: Where;
  readonly #socket: Socket;
  readonly #ffmpeg: FfmpegHost;
  #edgePort: number | undefined;
  #packets = 0;
  #lost = 0;
  /** Of the packet before, since a picture's last packet may hold only a few bytes. */
  #before: Buffer = Buffer.alloc(0);
  #lastSequence: number | undefined;

  private constructor(edge: Edge, where: Where, loop: Loop, socket: Socket, edgePort: number) {
    this.#edgePort = edgePort;
    this.#edge = edge;
    this.#where = where;
    this.#socket = socket;
    this.frames = new SentFrames(loop);
    socket.on('message', (packet) => {
      if (this.#edgePort !== undefined) socket.send(packet, this.#edgePort, edge.ip);
      this.#note(packet);
    });
    this.#ffmpeg = startFfmpegHost({ file: loop.file, ip: '127.0.0.1', port: socket.address().port });
  }

  static async start(edge: Edge, where: Where, loop: Loop): Promise<HostPublisher> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    try {
      return new HostPublisher(edge, where, loop, socket, await edge.addPublisher(where));
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /** Publishes in the channel, also after the edge has forgotten it. FFmpeg goes on all the time. */
  async attach(): Promise<void> {
    this.#edgePort = await this.#edge.addPublisher(this.#where);
    this.#packets = 0;
  }

  /** Leaves the channel, and may come back. */
  detach(): void {
    this.#edgePort = undefined;
    this.#edge.removePublisher(this.#where);
  }

  /** Packets that the edge should have had and has not: a measurement with any is worthless. */
  get lostBeforeEdge(): number {
    const users = this.#edge
      .state()
      .channels.flatMap(({ name, users }) => (name === this.#where.channel ? users : []));
    const streams = users.find(({ uid }) => uid === this.#where.uid)?.streams ?? [];
    const arrived = streams.find(({ kind }) => kind === 'video')?.packets ?? 0;
    return this.#lost + Math.max(0, this.#packets - arrived);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ffmpeg.stop();
    this.#socket.close();
    this.detach();
  }

  #note(packet: Buffer): void {
    if (isRtcp(packet)) return;
    const { ssrc, sequenceNumber, marker, payloadOffset } = RtpHeader.deSerialize(packet);
    if (ssrc !== plainSsrc.video) return;
    if (this.#edgePort !== undefined) this.#packets++;
    if (this.#lastSequence !== undefined) this.#lost += (sequenceNumber - this.#lastSequence - 1) & 0xffff;
    this.#lastSequence = sequenceNumber;
    const data = packet.subarray(payloadOffset + ((packet[payloadOffset] ?? 0) % 32 === FU_A ? 2 : 0));
    if (marker) this.frames.add(performance.now(), Buffer.concat([this.#before, data]));
    this.#before = data;
  }
}
