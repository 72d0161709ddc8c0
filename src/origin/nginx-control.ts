import { Client } from 'undici';
import { RTMP_APPLICATION } from './nginx-configuration.ts';

/** Speaks with one nginx over its Unix socket. */
export class NginxControl implements AsyncDisposable {
  readonly #client: Client;

  constructor(socketPath: string) {
    this.#client = new Client('http://nginx', {
      socketPath,
      keepAliveTimeout: 1000,
      headersTimeout: 2000,
      bodyTimeout: 2000,
    });
  }

  /** Only for the nginx of RTMP: cuts the publisher's connection. Nothing happens when it is gone already. */
  async dropPublisher(rtmpName: string): Promise<void> {
    // 404: no such publisher, or not any more.
    await this.#get(`/control/drop/publisher?app=${RTMP_APPLICATION}&name=${rtmpName}`, 404);
  }

  /** Throws unless nginx answers. */
  async check(): Promise<void> {
    await this.#get('/livez');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.destroy();
  }

  async #get(path: string, alsoFine?: number): Promise<void> {
    const { statusCode, body } = await this.#client.request({ method: 'GET', path });
    await body.dump();
    if (statusCode >= 400 && statusCode !== alsoFine) {
      throw new Error(`nginx answered ${String(statusCode)} to ${path}`);
    }
  }
}
