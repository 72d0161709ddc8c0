import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Cluster,
  type ClusterContext,
  forgetCluster,
  kubeconfigPath,
  type UpOptions,
  writeState,
} from './cluster.ts';
import { clusterFolder, identityOf } from './identity.ts';
import { attempt, run } from './run.ts';

/** A cluster of kind (https://kind.sigs.k8s.io), for machines with Docker and without root. */
export class KindCluster implements Cluster {
  readonly #context: ClusterContext;
  readonly #name: string;
  readonly #kubeconfig: string;

  constructor(context: ClusterContext) {
    this.#context = context;
    this.#name = identityOf(context.folders.local).tag;
    this.#kubeconfig = kubeconfigPath(context.folders);
  }

  async up({ nodes }: UpOptions): Promise<void> {
    const { folders } = this.#context;
    const existing = (await kind(['get', 'clusters'])).split('\n');
    await writeState(folders, { kind: 'kind', nodes, complete: false });
    if (existing.includes(this.#name)) {
      await kind(['export', 'kubeconfig', '--name', this.#name, '--kubeconfig', this.#kubeconfig]);
    } else {
      const roles = Array.from({ length: nodes }, (_, index) => (index === 0 ? 'control-plane' : 'worker'));
      const config = join(clusterFolder(folders.local), 'kind.json');
      await writeFile(
        config,
        JSON.stringify({
          kind: 'Cluster',
          apiVersion: 'kind.x-k8s.io/v1alpha4',
          nodes: roles.map((role) => ({ role })),
        }),
      );
      const flags = ['--kubeconfig', this.#kubeconfig, '--config', config, '--wait', '120s'];
      await kind(['create', 'cluster', '--name', this.#name, ...flags]);
    }
    await writeState(folders, { kind: 'kind', nodes, complete: true });
  }

  async down(): Promise<void> {
    await kind(['delete', 'cluster', '--name', this.#name, '--kubeconfig', this.#kubeconfig]);
    await forgetCluster(this.#context.folders);
  }

  async status(): Promise<string[]> {
    const nodes = (await kind(['get', 'nodes', '--name', this.#name])).trim().split('\n');
    return [`kind cluster ${this.#name}: ${nodes.join(', ')}`, `kubeconfig: ${this.#kubeconfig}`];
  }

  async loadImages(archives: readonly string[]): Promise<void> {
    for (const archive of archives) await kind(['load', 'image-archive', archive, '--name', this.#name]);
  }
}

async function kind(args: readonly string[]): Promise<string> {
  const there = await attempt('kind', ['version']).catch(() => undefined);
  if (there?.status !== 0) {
    throw new Error(
      'CLUSTER=kind needs the program kind, and Docker or Podman. See https://kind.sigs.k8s.io/docs/user/quick-start',
    );
  }
  return run('kind', args);
}
