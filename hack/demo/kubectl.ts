import { ensureTool } from '../tools/build.ts';
import type { Report } from '../tools/report.ts';
import type { Folders } from '../tools/folders.ts';
import { kubeconfigPath } from '../cluster/cluster.ts';
import { attempt, run, type Outcome } from '../cluster/run.ts';

/** An object to apply: plain data, as in a manifest. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string } & Readonly<
    Record<string, unknown>
  >;
  readonly [field: string]: unknown;
}

/** kubectl and helm on the development cluster, as a user would call them. */
export class Kubectl {
  readonly #kubectl: string;
  readonly #helm: string;
  readonly #kubeconfig: string;

  private constructor(kubectl: string, helm: string, kubeconfig: string) {
    this.#kubectl = kubectl;
    this.#helm = helm;
    this.#kubeconfig = kubeconfig;
  }

  /** Builds the two tools if they have not been built yet. */
  static async open(folders: Folders, report: Report): Promise<Kubectl> {
    const kubectl = await ensureTool(folders, 'kubernetes', report, 'kubectl');
    const helm = await ensureTool(folders, 'helm', report);
    return new Kubectl(kubectl, helm, kubeconfigPath(folders));
  }

  /** The path of kubectl, for a command that goes on beside others. */
  get program(): string {
    return this.#kubectl;
  }

  /** With a separate cache: another cluster at the same address may serve other APIs. */
  get environment(): { readonly KUBECONFIG: string; readonly KUBECACHEDIR: string } {
    return { KUBECONFIG: this.#kubeconfig, KUBECACHEDIR: `${this.#kubeconfig}.cache` };
  }

  /** Runs kubectl and returns its output. Throws with its error output if it fails. */
  run(args: readonly string[], input?: string): Promise<string> {
    return run(this.#kubectl, args, {
      environment: this.environment,
      ...(input === undefined ? {} : { input }),
    });
  }

  /** Runs kubectl and returns the result, whatever the exit code. */
  attempt(args: readonly string[], input?: string): Promise<Outcome> {
    return attempt(this.#kubectl, args, {
      environment: this.environment,
      ...(input === undefined ? {} : { input }),
    });
  }

  helm(args: readonly string[], input?: string): Promise<string> {
    return run(this.#helm, args, {
      environment: this.environment,
      ...(input === undefined ? {} : { input }),
    });
  }

  async apply(...objects: readonly Manifest[]): Promise<void> {
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    await this.run(['apply', '--server-side', '--force-conflicts', '-f', '-'], JSON.stringify(list));
  }

  /** The object as JSON, or undefined if it does not exist. */
  async get(kind: string, name: string, namespace?: string): Promise<unknown> {
    const where = namespace === undefined ? [] : ['-n', namespace];
    const text = await this.run(['get', kind, name, ...where, '-o', 'json', '--ignore-not-found']);
    return text.trim() === '' ? undefined : JSON.parse(text);
  }

  /** The text that a JSONPath selects; '' if there is none, or no such object. */
  field(kind: string, name: string, namespace: string | undefined, path: string): Promise<string> {
    const where = namespace === undefined ? [] : ['-n', namespace];
    return this.run(['get', kind, name, ...where, '--ignore-not-found', '-o', `jsonpath={${path}}`]);
  }
}
