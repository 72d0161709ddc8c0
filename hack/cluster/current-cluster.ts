import { writeFile } from 'node:fs/promises';
import { type Cluster, type ClusterContext, forgetCluster, kubeconfigPath, writeState } from './cluster.ts';
import { attempt, run } from './run.ts';

/** The cluster of kubectl's current context. It belongs to its user: it is used, never started or stopped. */
export class CurrentCluster implements Cluster {
  readonly #context: ClusterContext;

  constructor(context: ClusterContext) {
    this.#context = context;
  }

  /** Copies the current context alone, so that a later change of context has no effect here. */
  async up(): Promise<void> {
    const kubeconfig = await kubectl(['config', 'view', '--minify', '--flatten', '--raw', '--output=json']);
    const nodes = (await kubectl(['get', 'nodes', '--output=name'])).trim().split('\n').length;
    const { folders, report } = this.#context;
    await writeState(folders, { kind: 'current', nodes, complete: true });
    await writeFile(kubeconfigPath(folders), kubeconfig, { mode: 0o600 });
    report(
      `cluster: using ${(await kubectl(['config', 'current-context'])).trim()} (${String(nodes)} nodes)`,
    );
  }

  async down(): Promise<void> {
    await forgetCluster(this.#context.folders);
  }

  async status(): Promise<string[]> {
    const kubeconfig = kubeconfigPath(this.#context.folders);
    const nodes = await kubectl(['--kubeconfig', kubeconfig, 'get', 'nodes', '-o', 'wide']);
    return [...nodes.trimEnd().split('\n'), `kubeconfig: ${kubeconfig}`];
  }

  loadImages(archives: readonly string[]): Promise<void> {
    return Promise.reject(
      new Error(
        `images cannot be loaded into a cluster that was not started here: push ${archives.join(', ')} to a registry that its nodes pull from (e.g. "skopeo copy oci-archive:FILE docker://REGISTRY/NAME:TAG") and install the chart with that image`,
      ),
    );
  }
}

async function kubectl(args: readonly string[]): Promise<string> {
  const there = await attempt('kubectl', ['version', '--client']).catch(() => undefined);
  if (there?.status !== 0) {
    throw new Error('CLUSTER=current needs kubectl on the PATH. Build it with "make -s tool-kubectl".');
  }
  try {
    return await run('kubectl', args);
  } catch (cause) {
    throw new Error(
      `the cluster of the current context does not answer: check "kubectl config current-context" and KUBECONFIG: ${String(cause)}`,
      { cause },
    );
  }
}
