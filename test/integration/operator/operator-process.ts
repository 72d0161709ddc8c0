import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { checkout } from '../../support/cluster/cluster-cli.ts';
import { operatorEnvironment } from '../../support/operator/operator-stage.ts';

/** The operator as a process of its own, that can be killed as a node's failure kills it. */
export class OperatorProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #log = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, 'exit');
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#log += text));
  }

  static start(kubeconfigPath: string, settings: Record<string, string> = {}): OperatorProcess {
    const child = spawn(process.execPath, ['src/main.ts', 'operator', '--kubeconfig', kubeconfigPath], {
      cwd: checkout,
      env: {
        PATH: process.env['PATH'],
        ...operatorEnvironment,
        LIVECHANNEL_LEADER_ELECTION: 'true',
        LIVECHANNEL_POD_NAME: 'operator-0',
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new OperatorProcess(child);
  }

  get log(): string {
    return this.#log;
  }

  /** No time for anything: SIGKILL. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** SIGTERM; gives the exit code. */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    await this.#ended;
    return this.#child.exitCode;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
