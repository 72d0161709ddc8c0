import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import { ensureTool } from '../../../hack/tools/build.ts';
import { foldersFrom } from '../../../hack/tools/folders.ts';
import { freePort } from '../../support/ingest/ingest-server.ts';
import { eventually } from '../../support/wait/eventually.ts';

/** What is done to the bytes on their way to the server (github.com/Shopify/toxiproxy). */
export type Toxic =
  /** Swallows them, while TCP goes on as if nothing were wrong. */
  | { readonly type: 'timeout'; readonly attributes: { readonly timeout: 0 } }
  | { readonly type: 'reset_peer'; readonly attributes: { readonly timeout: 0 } }
  /** KiB a second. */
  | { readonly type: 'bandwidth'; readonly attributes: { readonly rate: number } };

const proxySchema = z.object({ listen: z.string() });

/** A TCP proxy in front of one server on this machine, which can be made to misbehave. */
export class Toxiproxy implements AsyncDisposable {
  /** Where the server is reached through it, on 127.0.0.1. */
  readonly port: number;
  readonly #api: string;
  readonly #process: ChildProcess;

  private constructor(port: number, api: string, process: ChildProcess) {
    this.port = port;
    this.#api = api;
    this.#process = process;
  }

  static async start(serverPort: number): Promise<Toxiproxy> {
    const program = await ensureTool(foldersFrom(process.env), 'toxiproxy', (line) => {
      process.stderr.write(`${line}\n`);
    });
    const port = String(await freePort());
    const child = spawn(program, ['-host', '127.0.0.1', '-port', port], { stdio: 'ignore' });
    const api = `http://127.0.0.1:${port}`;
    await eventually('toxiproxy answers', 30, () =>
      fetch(`${api}/version`)
        .then(({ ok }) => ok)
        .catch(() => false),
    );
    const upstream = `127.0.0.1:${String(serverPort)}`;
    const made = await call(`${api}/proxies`, 'POST', { name: 'server', listen: '127.0.0.1:0', upstream });
    const { listen } = proxySchema.parse(await made.json());
    return new Toxiproxy(Number(listen.split(':').at(-1)), api, child);
  }

  /** Misbehaves so until it is healed. */
  async poison(toxic: Toxic): Promise<void> {
    await call(`${this.#api}/proxies/server/toxics`, 'POST', { ...toxic, name: 'one', stream: 'upstream' });
  }

  async heal(): Promise<void> {
    await call(`${this.#api}/proxies/server/toxics/one`, 'DELETE');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    if (this.#process.exitCode === null && this.#process.signalCode === null)
      await once(this.#process, 'exit');
  }
}

async function call(url: string, method: string, body?: unknown): Promise<Response> {
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`toxiproxy: ${method} ${url}: ${await response.text()}`);
  return response;
}
