import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { freePorts } from '../../../hack/cluster/free-ports.ts';
import { WillNotHappenError } from '../../../hack/cluster/wait-until.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { checkout, expectOk } from '../../support/cluster/cluster-cli.ts';
import type { OperatorStage } from '../../support/operator/operator-stage.ts';

/** `livechannel api` as a process of its own, logging everything. */
export class ApiProcess implements AsyncDisposable {
  readonly url: string;
  readonly probes: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #log = '';

  private constructor(child: ChildProcess, url: string, probes: string) {
    this.url = url;
    this.probes = probes;
    this.#child = child;
    this.#ended = once(child, 'exit');
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#log += text));
  }

  /** Resolves when it is ready. */
  static async start(
    kubeconfigPath: string,
    settings: Readonly<Record<string, string>>,
  ): Promise<ApiProcess> {
    const [port, probes] = (await freePorts(2)).map(String);
    if (port === undefined || probes === undefined) throw new Error('no ports are free');
    const child = spawn(process.execPath, ['src/main.ts', 'api', '--kubeconfig', kubeconfigPath], {
      cwd: checkout,
      env: {
        PATH: process.env['PATH'],
        LIVECHANNEL_HTTP_HOST: '127.0.0.1',
        LIVECHANNEL_API_PORT: port,
        LIVECHANNEL_HTTP_PORT: probes,
        LIVECHANNEL_LOG_LEVEL: 'trace',
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const it = new ApiProcess(child, `http://127.0.0.1:${port}`, `http://127.0.0.1:${probes}`);
    try {
      await eventually('the service is ready', 60, async () => {
        if (child.exitCode !== null) throw new WillNotHappenError(`the service has ended: ${it.log}`);
        return (await it.readiness()) === 200 ? true : undefined;
      });
    } catch (error) {
      await it[Symbol.asyncDispose]();
      throw error;
    }
    return it;
  }

  /** All that it said. */
  get log(): string {
    return this.#log;
  }

  /** undefined: nobody answers. */
  async readiness(): Promise<number | undefined> {
    const answer = await fetch(`${this.probes}/readyz`).catch(() => undefined);
    await answer?.text();
    return answer?.status;
  }

  /** SIGTERM, without waiting for what comes of it. */
  askToStop(): void {
    this.#child.kill('SIGTERM');
  }

  /** How it ended. */
  async exitCode(): Promise<number | null> {
    await this.#ended;
    return this.#child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

/** Of a service account that may do everything here. */
export async function appToken({ kubectl }: OperatorStage, namespace: string): Promise<string> {
  const create = (...what: string[]): Promise<string> =>
    expectOk(kubectl(['create', '-n', namespace, ...what]));
  await create('serviceaccount', 'app');
  await create('role', 'app', '--verb=get,update,delete', '--resource=livechannels.livechannel.dev');
  await create('rolebinding', 'app', '--role=app', `--serviceaccount=${namespace}:app`);
  return (await create('token', 'app')).trim();
}
