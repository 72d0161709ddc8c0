/**
 * The development cluster (docs/contribute/development-cluster.md).
 *
 * node hack/cluster/main.ts up | down [--all] | status | kubeconfig | load-images FILE... | unplug NODE | plug NODE
 * Settings: NODES=2, CLUSTER=local|kind|current.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { errorMessage } from '../../src/base/error-text.ts';
import { foldersFrom } from '../tools/folders.ts';
import { withLock } from '../tools/lock.ts';
import {
  type Cluster,
  type ClusterContext,
  clusterKinds,
  type ClusterKind,
  kubeconfigPath,
  readState,
} from './cluster.ts';
import { CurrentCluster } from './current-cluster.ts';
import { KindCluster } from './kind-cluster.ts';
import { LocalCluster } from './local-cluster.ts';
import { findClusters, removeFromKernel } from './removal.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { all: { type: 'boolean', default: false } },
});
const folders = foldersFrom(process.env);
const report = (line: string) => process.stderr.write(`${line}\n`);
const context: ClusterContext = { folders, report };

function open(kind: ClusterKind): Cluster {
  switch (kind) {
    case 'local':
      return new LocalCluster(context);
    case 'kind':
      return new KindCluster(context);
    case 'current':
      return new CurrentCluster(context);
  }
}

async function main(command: string | undefined, files: readonly string[]): Promise<void> {
  const state = await readState(folders);
  // make exports an empty string for a setting that is not set.
  const wanted = process.env['CLUSTER'] === '' ? undefined : process.env['CLUSTER'];
  const kind = clusterKinds.find((known) => known === (wanted ?? state?.kind ?? 'local'));
  if (kind === undefined)
    throw new Error(`CLUSTER=${wanted ?? ''} is not valid: use ${clusterKinds.join(', ')}`);
  switch (command) {
    case 'up': {
      if (state !== undefined && state.kind !== kind) {
        throw new Error(`a cluster of kind "${state.kind}" is up: run "make cluster-down" first`);
      }
      await open(kind).up({ nodes: nodesWanted(process.env['NODES'], state?.nodes) });
      break;
    }
    case 'down':
      await open(state?.kind ?? kind).down();
      if (values.all) await removeAll();
      break;
    case 'status':
      for (const line of await open(kind).status()) console.log(line);
      break;
    case 'kubeconfig':
      console.log(kubeconfigPath(folders));
      break;
    case 'load-images':
      await open(state?.kind ?? kind).loadImages(files);
      break;
    case 'unplug':
    case 'plug':
      await new LocalCluster(context).setPlugged(files[0] ?? '', command === 'plug');
      break;
    default:
      throw new Error(
        'usage: main.ts up | down | status | kubeconfig | load-images FILE... | unplug NODE | plug NODE',
      );
  }
}

/** The number of nodes: the setting, else that of the present cluster, else one. */
function nodesWanted(setting: string | undefined, running: number | undefined): number {
  if (setting === undefined || setting === '') return running ?? 1;
  const nodes = Number(setting);
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > 8) {
    throw new Error(`NODES=${setting} is not valid: use a number from 1 to 8`);
  }
  return nodes;
}

async function removeAll(): Promise<void> {
  for (const identity of await findClusters()) {
    report(`cluster: removing ${identity.tag}`);
    await removeFromKernel(identity);
  }
}

const [command, ...rest] = positionals;
try {
  await mkdir(folders.local, { recursive: true });
  // One at a time: an "up" and a "down" that overlap would leave resources behind.
  const changes = ['up', 'down', 'load-images'].includes(command ?? '');
  const work = () => main(command, rest);
  await (changes
    ? withLock(join(folders.local, 'cluster.lock'), work, () => {
        report('cluster: waiting for another command that changes the cluster');
      })
    : work());
} catch (error) {
  report(`cluster: ${errorMessage(error)}`);
  process.exitCode = 1;
}
