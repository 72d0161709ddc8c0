import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Returns what is wrong; undefined if nothing is. */
export type Check = () => string | undefined;

export interface ProbeOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The content of GET /metrics, e.g. a prom-client registry. */
  readonly registry?: { readonly contentType: string; metrics(): Promise<string> } | undefined;
}

/** Serves GET /healthz, /readyz and /metrics for the kubelet and Prometheus. A check that fails answers 503. */
export class ProbeServer {
  readonly #options: ProbeOptions;
  readonly #checks: Readonly<Record<'/healthz' | '/readyz', ReadonlyMap<string, Check>>>;
  readonly #server: Server;

  constructor(options: ProbeOptions, health: ReadonlyMap<string, Check>, ready: ReadonlyMap<string, Check>) {
    this.#options = options;
    this.#checks = { '/healthz': health, '/readyz': ready };
    this.#server = createServer((request, response) => {
      const path = request.url?.split('?')[0] ?? '';
      void this.#answer(path)
        .catch((error: unknown) => ({ status: 500, type: 'text/plain', body: String(error) }))
        .then(({ status, type, body }) => {
          response.writeHead(status, { 'content-type': type });
          response.end(body);
        });
    });
  }

  async start(): Promise<AddressInfo> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port, this.#options.host, resolve);
    });
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the probe server has no address');
    return address;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(path: string): Promise<{ status: number; type: string; body: string }> {
    if (path === '/metrics' && this.#options.registry !== undefined)
      return {
        status: 200,
        type: this.#options.registry.contentType,
        body: await this.#options.registry.metrics(),
      };
    if (path !== '/healthz' && path !== '/readyz')
      return { status: 404, type: 'text/plain', body: 'not found\n' };
    const faults = [...this.#checks[path]].flatMap(([name, check]) => {
      const fault = check();
      return fault === undefined ? [] : [`${name}: ${fault}`];
    });
    if (faults.length === 0) return { status: 200, type: 'text/plain', body: 'ok\n' };
    return { status: 503, type: 'text/plain', body: `${faults.join('\n')}\n` };
  }
}
