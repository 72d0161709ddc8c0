import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { readPageFiles, type PageFiles } from '../../../src/server/rest/pages/page-files.ts';
import { FakeService } from '../../web/dashboard/fake-service.ts';

/** The policy that the service sends with the dashboard: nothing inline, nothing compiled, Trusted Types. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const checkout = resolve(import.meta.dirname, '../../..');

/** In a process of its own: the bundler does not accept objects of jest's realm. */
async function build(folder: string): Promise<void> {
  const code = `
    const { buildDashboard } = await import('./hack/build/dashboard.ts');
    await buildDashboard('.', ${JSON.stringify(folder)});`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], { cwd: checkout });
}

/** The built dashboard as browsers receive it, and the service that it calls. */
export class DashboardStage implements AsyncDisposable {
  service = new FakeService();
  readonly page: PageFiles;
  readonly #folder: string;
  readonly #server: Server;
  readonly #streams = new Set<ServerResponse>();

  private constructor(page: PageFiles, folder: string) {
    this.page = page;
    this.#folder = folder;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async open(): Promise<DashboardStage> {
    const folder = await mkdtemp(join(tmpdir(), 'dashboard-'));
    await build(folder);
    const stage = new DashboardStage(await readPageFiles(pathToFileURL(`${folder}/`)), folder);
    await new Promise<void>((done) => stage.#server.listen(0, '127.0.0.1', done));
    return stage;
  }

  /** Starts again with a service that knows nothing of what happened before. */
  reset(): void {
    for (const stream of this.#streams) stream.end();
    this.service = new FakeService();
  }

  url(path: string): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.#streams) stream.end();
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
    await rm(this.#folder, { recursive: true });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://service').pathname;
    const file = this.page.files.get(path.replace('/dashboard/assets/', ''));
    if (file !== undefined) {
      response.writeHead(200, { 'content-type': file.type, 'content-encoding': 'gzip' });
      response.end(file.gzipped);
    } else if (path.startsWith('/dashboard')) {
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': policy,
        'cross-origin-opener-policy': 'same-origin',
      });
      response.end(this.#html());
    } else if (path === '/trpc/events.all') this.#stream(response);
    else await this.#call(request, response);
  }

  async #call(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const { method = 'GET', url = '/' } = request;
    const answer = await this.service.fetch(`http://service${url}`, method === 'GET' ? {} : { method, body });
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(await answer.text());
  }

  #stream(response: ServerResponse): void {
    const { service } = this;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: connected\ndata: {}\n\n');
    const sink: Parameters<FakeService['sinks']['add']>[0] = (event) => {
      response.write(`data: ${JSON.stringify(event)}\nid: ${event.id}\n\n`);
    };
    service.sinks.add(sink);
    this.#streams.add(response);
    response.on('close', () => {
      service.sinks.delete(sink);
      this.#streams.delete(response);
    });
    service.sendNumbers();
  }

  #html(): string {
    const { script, styles, preload } = this.page.index;
    const assets = '/dashboard/assets';
    return `<!doctype html><html lang="en" class="lc-root"><head><meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" /><title>Live channels</title>
      <link rel="icon" href="data:," />
      ${styles.map((name) => `<link rel="stylesheet" href="${assets}/${name}" />`).join('')}
      ${preload.map((name) => `<link rel="modulepreload" href="${assets}/${name}" />`).join('')}
      <script type="module" src="${assets}/${script}"></script></head>
      <body><div id="dashboard"></div></body></html>`;
  }
}
