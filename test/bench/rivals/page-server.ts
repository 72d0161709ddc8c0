import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { build, stop } from 'esbuild';
import { sdkPath } from '../../fixtures/agora/build.ts';
import type { Membership } from '../../support/host/studio.ts';

/** Serves the rivals' page with what it shall do. It is no part of what is measured. */
export class RivalPageServer implements AsyncDisposable {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** `record`: see RivalPageConfig. */
  static async start(membership: Membership, record?: object): Promise<RivalPageServer> {
    const bundle = await build({
      entryPoints: [join(import.meta.dirname, '../rival-page/page.ts')],
      ...{ bundle: true, write: false, format: 'iife', target: 'chrome120' },
    });
    await stop();
    const config = JSON.stringify({ ...membership, record }).replaceAll('<', '\\u003c');
    const html =
      '<!doctype html><meta charset="utf-8"><title>Channel</title>' +
      '<style>html, body { margin: 0; height: 100vh; overflow: hidden; background: black }</style><body>' +
      `<script src="/sdk.js"></script><script>const rivalPageConfig = ${config};</script>` +
      `<script>${bundle.outputFiles[0]?.text ?? ''}</script>`;
    const sdk = await readFile(sdkPath());
    const server = createServer((request, response) => {
      const isSdk = request.url === '/sdk.js';
      response
        .writeHead(200, { 'content-type': isSdk ? 'text/javascript' : 'text/html; charset=utf-8' })
        .end(isSdk ? sdk : html);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RivalPageServer(server);
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the page server is not listening');
    return `http://127.0.0.1:${String(address.port)}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
