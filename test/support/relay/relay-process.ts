import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  relayReportSchema,
  terminationMessageSchema,
  type RelayConfig,
  type RelayReport,
  type RelayState,
  type TerminationMessage,
} from '../../../src/api/relay-contract.ts';
import type { AccessPoints } from '../../../src/api/live-channel.ts';
import { eventually } from '../wait/eventually.ts';

/** Node options of the image: see docs/install/images.md. */
export const nodeOptions = ['--use-largepages=silent', '--max-semi-space-size=1'];

const root = new URL('../../../', import.meta.url);

export interface RelayProcessOptions {
  readonly appId: string;
  readonly channelName: string;
  readonly uid: number;
  /** Null: without a token, as for a project without an App Certificate. */
  readonly token: string | null;
  readonly accessPoints: AccessPoints;
  readonly ingestUrl: string;
  readonly streamKey: string;
  readonly caFile: string;
  /** Additional configuration, e.g. `{ mode: 'transcode' }`. */
  readonly media?: Partial<RelayConfig['media']> | undefined;
  readonly idle?: Partial<RelayConfig['idle']> | undefined;
  readonly takeover?: RelayConfig['ingest']['takeover'] | undefined;
  /** Additional environment variables. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /** The program's file. Default: from source. */
  readonly program?: string | undefined;
  /** Wraps the command line, e.g. to enter a control group first. */
  readonly wrap?: ((command: string, args: readonly string[]) => [string, string[]]) | undefined;
}

/** `livechannel relay` as the pod runs it: a separate process, configured by files. */
export class RelayProcess implements AsyncDisposable {
  readonly directory: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;
  #output = '';

  private constructor(directory: string, options: RelayProcessOptions) {
    this.directory = directory;
    const { program = 'src/main.ts', wrap = (command, args) => [command, [...args]] } = options;
    const args = [...nodeOptions, program, 'relay', '--config', join(directory, 'relay.json')];
    this.#child = spawn(...wrap(process.execPath, args), {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        TMPDIR: directory,
        LIVECHANNEL_TERMINATION_LOG: join(directory, 'termination'),
        ...options.environment,
      },
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    this.#exited = new Promise((resolve) => this.#child.once('exit', resolve));
  }

  static async start(options: RelayProcessOptions): Promise<RelayProcess> {
    const directory = await mkdtemp(join(tmpdir(), 'relay-process-'));
    const file = async (name: string, content: string): Promise<string> => {
      await writeFile(join(directory, name), content);
      return join(directory, name);
    };
    const config = {
      channel: 'shop/show',
      slot: 0,
      agora: {
        appId: options.appId,
        channelName: options.channelName,
        uid: options.uid,
        ...(options.token === null ? {} : { tokenFile: await file('token', options.token) }),
        accessPoints: options.accessPoints,
      },
      ingest: {
        urlFile: await file('url', options.ingestUrl),
        streamKeyFile: await file('key', options.streamKey),
        caFile: await file('ca.crt', await readFile(options.caFile, 'utf8')),
        takeover: options.takeover,
      },
      media: options.media,
      idle: options.idle,
      listen: { host: '127.0.0.1', port: 0, tokenFile: await file('bearer', 'let-me') },
    };
    await file('relay.json', JSON.stringify(config));
    return new RelayProcess(directory, options);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the relay did not start');
    return this.#child.pid;
  }

  /** Its complete output. */
  get output(): string {
    return this.#output;
  }

  async get(path: string): Promise<Response> {
    const port = await eventually('the relay listens', 30, () => /"port":(\d+)/.exec(this.#output)?.[1]);
    return fetch(`http://127.0.0.1:${port}${path}`);
  }

  async report(): Promise<RelayReport> {
    return relayReportSchema.parse(await (await this.get('/status')).json());
  }

  /** Waits for a state, and for `and` to accept the report. */
  async until(
    state: RelayState,
    and: (report: RelayReport) => boolean = () => true,
    seconds = 40,
  ): Promise<RelayReport> {
    let last: RelayReport | undefined;
    try {
      return await eventually(`the relay is ${state}`, seconds, async () => {
        last = await this.report();
        return last.state === state && and(last) ? last : undefined;
      });
    } catch (error) {
      throw new Error(`${String(error)} Last report: ${JSON.stringify(last)}\n${this.#output}`, {
        cause: error,
      });
    }
  }

  /** Writes new content to one of the configured files, as the kubelet does. */
  async replace(name: 'token' | 'url' | 'key' | 'ca.crt', content: string): Promise<void> {
    await writeFile(join(this.directory, name), content);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** The exit code. */
  async exit(seconds = 40): Promise<number | null> {
    const timeout = new Promise<never>((_, reject) => {
      setTimeout(() => {
        reject(new Error(`The relay did not exit within ${String(seconds)} s.\n${this.#output}`));
      }, seconds * 1_000).unref();
    });
    return Promise.race([this.#exited, timeout]);
  }

  async terminationMessage(): Promise<TerminationMessage> {
    return terminationMessageSchema.parse(
      JSON.parse(await readFile(join(this.directory, 'termination'), 'utf8')),
    );
  }

  /** Process IDs of the relay's descendants with their command lines. */
  async descendants(): Promise<{ pid: number; command: string }[]> {
    const parents = new Map<number, number>();
    for (const name of await readdir('/proc')) {
      const stat = /^\d+$/.test(name) ? await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '') : '';
      const parent = /^\d+ \(.*\) \S (\d+)/s.exec(stat)?.[1];
      if (parent !== undefined) parents.set(Number(name), Number(parent));
    }
    const isBelow = (pid: number): boolean => {
      const parent = parents.get(pid);
      return parent !== undefined && (parent === this.pid || isBelow(parent));
    };
    const below = [...parents.keys()].filter(isBelow);
    return Promise.all(
      below.map(async (pid) => ({
        pid,
        command: await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => ''),
      })),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.#exited;
    await rm(this.directory, { recursive: true, force: true, maxRetries: 10 });
  }
}
