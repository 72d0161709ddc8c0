import fastify, { type FastifyInstance } from 'fastify';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../../src/base/clock.ts';
import { EventStreams } from '../../../src/server/event-streams.ts';
import { registerTrpc, type TrpcOptions } from '../../../src/server/trpc/plugin.ts';
import { authenticateByScope } from './authenticate-by-scope.ts';
import { RecordingServices } from './recording-services.ts';

/** tRPC on a real loopback socket, with services that record their calls. */
export class TrpcStage implements AsyncDisposable {
  readonly services = new RecordingServices();
  readonly app: FastifyInstance;
  url = '';

  private constructor() {
    this.app = fastify({ forceCloseConnections: true });
  }

  static async start(
    options: Partial<Omit<TrpcOptions, 'clock'>> & { readonly clock?: Clock } = {},
    port = 0,
  ): Promise<TrpcStage> {
    const stage = new TrpcStage();
    const streams = new EventStreams(Math.random, options.clock);
    stage.app.addHook('preClose', async () => {
      streams.closeAll();
    });
    await registerTrpc(stage.app, {
      services: stage.services,
      authenticate: authenticateByScope,
      streams,
      ...options,
    });
    await stage.listen(port);
    return stage;
  }

  async listen(port = 0): Promise<void> {
    await this.app.listen({ host: '127.0.0.1', port });
    const { port: chosen } = this.app.server.address() as AddressInfo; // a TCP server that is listening
    this.url = `http://127.0.0.1:${String(chosen)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
  }
}
