import { Client } from 'undici';
import { RTMP_APPLICATION } from './nginx-configuration.ts';

/** Client of one nginx on its Unix socket. */
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

  /** Disconnects a publisher; only for the nginx of RTMP. Has no effect when the publisher is gone. */
  async dropPublisher(rtmpName: string): Promise<void> {
    // 404: the publisher does not exist, or no longer exists.
    await this.#get(`/control/drop/publisher?app=${RTMP_APPLICATION}&name=${rtmpName}`, 404);
  }

  /** Throws unless nginx responds. */
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
      throw new Error(`nginx responded with ${statusCode} to ${path}`);
    }
  }
}
