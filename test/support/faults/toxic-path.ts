import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { freePorts } from '../../../hack/cluster/free-ports.ts';
import { ensureTool } from '../../../hack/tools/build.ts';
import { foldersFrom } from '../../../hack/tools/folders.ts';
import { tied } from '../../../hack/system/tied.ts';
import { eventually } from '../wait/eventually.ts';

/** Faults of Toxiproxy, on the way to the ingest; see its README for what each does. */
export type Toxic =
  | { readonly type: 'reset_peer'; readonly attributes: { readonly timeout: number } }
  /** Nothing gets through, and nobody is told. */
  | { readonly type: 'timeout'; readonly attributes: { readonly timeout: 0 } }
  /** Kilobytes a second. */
  | { readonly type: 'bandwidth'; readonly attributes: { readonly rate: number } };

/** Toxiproxy between the relay and the ingest. */
export class ToxicPath implements AsyncDisposable {
  /** Where the relay connects to. */
  readonly port: number;
  readonly #api: string;
  readonly #child: ChildProcess;

  private constructor(port: number, api: string, child: ChildProcess) {
    this.port = port;
    this.#api = api;
    this.#child = child;
  }

  static async start(upstreamPort: number): Promise<ToxicPath> {
    const program = await ensureTool(foldersFrom(process.env), 'toxiproxy', (line) => {
      console.log(line);
    });
    const [apiPort = 0, port = 0] = await freePorts(2);
    const child = spawn(...tied(program, ['-host', '127.0.0.1', '-port', String(apiPort)]), {
      stdio: 'ignore',
    });
    const path = new ToxicPath(port, `http://127.0.0.1:${String(apiPort)}`, child);
    await eventually('toxiproxy answers', 30, () =>
      fetch(`${path.#api}/version`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    await path.#call('POST', '/proxies', {
      ...{ name: 'ingest', enabled: true },
      ...{ listen: `127.0.0.1:${String(port)}`, upstream: `127.0.0.1:${String(upstreamPort)}` },
    });
    return path;
  }

  /** Both directions; a bandwidth only towards the ingest. */
  async poison(toxic: Toxic): Promise<void> {
    const streams = toxic.type === 'bandwidth' ? ['upstream'] : ['upstream', 'downstream'];
    for (const stream of streams)
      await this.#call('POST', '/proxies/ingest/toxics', { ...toxic, name: stream, stream, toxicity: 1 });
  }

  /** Ends every fault. */
  async heal(): Promise<void> {
    await this.#call('POST', '/reset');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
  }

  async #call(method: string, path: string, body?: object): Promise<void> {
    const response = await fetch(`${this.#api}${path}`, {
      ...{ method, headers: { 'content-type': 'application/json' } },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`toxiproxy ${method} ${path}: ${await response.text()}`);
    await response.arrayBuffer();
  }
}
