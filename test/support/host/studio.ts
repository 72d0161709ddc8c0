import { accessPointsSchema, type AccessPoints } from '../../../src/api/live-channel.ts';
import { startEdge, type Edge } from '../../fixtures/agora/edge.ts';
import { mintToken } from '../../fixtures/agora/token-minter.ts';
import { IngestServer } from '../ingest/ingest-server.ts';
import { IngestTap } from '../ingest/ingest-tap.ts';
import type { Loop } from './video-loop.ts';
import { HostPublisher } from './host-publisher.ts';

const app = { appId: 'b'.repeat(32), appCertificate: '0123456789abcdef0123456789abcdef' };
const CHANNEL = 'show';
const HOST_UID = 1_000;

/** What a client of the channel needs to know. */
export interface Membership {
  readonly appId: string;
  readonly channelName: string;
  readonly uid: number;
  readonly token: string;
  readonly accessPoints: AccessPoints;
}

/** A local Agora edge with one host in one channel: what every way to an ingest begins with. */
export class Studio implements AsyncDisposable {
  readonly edge: Edge;
  readonly publisher: HostPublisher;

  private constructor(edge: Edge, publisher: HostPublisher) {
    this.edge = edge;
    this.publisher = publisher;
  }

  static async open(loop: Loop): Promise<Studio> {
    const edge = await startEdge({ apps: [app] });
    try {
      return new Studio(edge, await HostPublisher.start(edge, { channel: CHANNEL, uid: HOST_UID }, loop));
    } catch (error) {
      await edge.stop();
      throw error;
    }
  }

  /** The edge starts anew and has forgotten everybody; the host comes back as soon as it is there. */
  async restartEdge(downMs: number): Promise<void> {
    await this.edge.restart(downMs);
    await this.publisher.attach();
  }

  membership(uid: number): Membership {
    const request = { channel: CHANNEL, uid, role: 'audience', lifetimeSeconds: 7_200 } as const;
    const { edge } = this;
    const accessPoints = accessPointsSchema.parse({
      ...{ hosts: ['127.0.0.1'], domain: 'localhost', port: edge.port, certificatePins: [edge.pin] },
    });
    const token = mintToken(app, request);
    return { appId: app.appId, channelName: CHANNEL, uid, token, accessPoints };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.publisher[Symbol.asyncDispose]();
    await this.edge.stop();
  }
}

/** A real ingest, and before it the tap that sees what comes. */
export class WatchedIngest implements AsyncDisposable {
  readonly server: IngestServer;
  readonly tap: IngestTap;

  private constructor(server: IngestServer, tap: IngestTap) {
    this.server = server;
    this.tap = tap;
  }

  static async open(): Promise<WatchedIngest> {
    const server = await IngestServer.start();
    return new WatchedIngest(server, await IngestTap.start(server));
  }

  /** As the relay is given it. `port`: of whatever stands before the tap. */
  target(port = this.tap.port): { ingestUrl: string; streamKey: string; caFile: string } {
    const { streamKey, caFile } = this.tap;
    return { ingestUrl: `rtmps://localhost:${String(port)}/live/`, streamKey, caFile };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tap[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}
