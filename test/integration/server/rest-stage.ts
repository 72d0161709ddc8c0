import type { AddressInfo } from 'node:net';
import { buildApp } from '../../../src/server/app.ts';
import { apiSettingsSchema } from '../../../src/server/settings.ts';
import { RecordingServices } from '../../unit/server/trpc/recording-services.ts';
import { byName } from '../../unit/server/by-name.ts';

/** The whole app on a real socket of the loopback, over services that keep what they were asked. */
export class RestStage implements AsyncDisposable {
  readonly services: RecordingServices;
  readonly app: Awaited<ReturnType<typeof buildApp>>;
  readonly url: string;

  private constructor(services: RecordingServices, app: Awaited<ReturnType<typeof buildApp>>, url: string) {
    this.services = services;
    this.app = app;
    this.url = url;
  }

  static async start(environment: Readonly<Record<string, string>> = {}): Promise<RestStage> {
    const services = new RecordingServices();
    const settings = apiSettingsSchema.parse({ LIVECHANNEL_API_RATE_LIMIT: '0', ...environment });
    const app = await buildApp({ services, authenticate: byName, settings });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo; // of a TCP server that listens
    return new RestStage(services, app, `http://127.0.0.1:${String(port)}`);
  }

  /** As somebody of that scope; undefined: as nobody. */
  fetch(path: string, init: RequestInit & { as?: string | undefined } = {}): Promise<Response> {
    const { as, ...rest } = { as: 'admin', ...init };
    const headers = new Headers(rest.headers);
    if (as !== undefined) headers.set('authorization', `Bearer ${as}`);
    if (typeof rest.body === 'string' && !headers.has('content-type'))
      headers.set('content-type', 'application/json');
    return fetch(this.url + path, { redirect: 'manual', ...rest, headers });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
  }
}
