import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { withLock } from '../tools/lock.ts';
import { apiGet, type ControlPlaneFiles } from './api-server.ts';
import {
  type Cluster,
  type ClusterContext,
  type ClusterState,
  forgetCluster,
  kubeconfigPath,
  readState,
  type UpOptions,
  writeState,
} from './cluster.ts';
import { pauseImage } from './containerd.ts';
import { clusterFolder, type Identity, identityOf } from './identity.ts';
import {
  apiServerUrl,
  controlPlaneMachine,
  controlPlanePrograms,
  startLocalControlPlane,
} from './local-control-plane.ts';
import { ensureLocalTools, type LocalTools } from './local-tools.ts';
import { LoadedArchives } from './loaded-archives.ts';
import { findMachines, type Machine, startMachine } from './machine.ts';
import { connectMachine, createBridge, hostAddress, type Network, routeToPods, setCable } from './network.ts';
import { importImages, nodeName, type NodePlan, nodePrograms, startKubelet, startRuntime } from './node.ts';
import { processesBeside } from './processes.ts';
import type { Program } from './program.ts';
import { programImage } from './program-image.ts';
import { removeFromKernel } from './removal.ts';
import { requireSystem } from './requirements.ts';
import { run } from './run.ts';
import { waitUntil } from './wait-until.ts';

const readyWithinMs = 120_000;

const nodeSchema = z.object({
  spec: z.object({ taints: z.array(z.unknown()).optional() }),
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })) }),
});

/** A real Kubernetes cluster on this machine: one machine for the control plane, and one per node. */
export class LocalCluster implements Cluster {
  readonly #context: ClusterContext;
  readonly #identity: Identity;
  readonly #folder: string;
  /** The programs that this object has started. */
  readonly #programs: Program[] = [];

  constructor(context: ClusterContext) {
    this.#context = context;
    this.#identity = identityOf(context.folders.local);
    this.#folder = clusterFolder(context.folders.local);
  }

  async up({ nodes }: UpOptions): Promise<void> {
    const { folders, report } = this.#context;
    const { cniPlugins } = await requireSystem(report);
    const tools = await ensureLocalTools(this.#context);
    const state = await readState(folders);
    if (state?.complete === true && (await this.#missing(state)).length === 0) {
      if (state.nodes !== nodes) {
        throw new Error(
          `a cluster with NODES=${String(state.nodes)} is up: run "make cluster-down" before changing the number of nodes`,
        );
      }
      report('cluster: already up');
      return;
    }
    await this.down();

    const started = performance.now();
    // Written before anything is created, so that the next "up" or "down" can remove what an interrupted one left.
    await writeState(folders, { kind: 'local', nodes, complete: false });
    await mkdir(folders.cache, { recursive: true });
    const network = await withLock(join(folders.cache, 'network.lock'), () => createBridge(this.#identity));
    const plans = Array.from({ length: nodes }, (_, index): NodePlan => ({
      identity: this.#identity,
      network,
      number: index + 1,
      folder: join(this.#folder, nodeName(index + 1)),
      toolsFolder: dirname(tools.kubernetes),
      kubernetes: basename(tools.kubernetes),
      containerd: basename(tools.containerd),
      cniPlugins,
    }));
    const onStart = (program: Program) => void this.#programs.push(program);
    const [files, machines] = await Promise.all([
      startLocalControlPlane({
        identity: this.#identity,
        network,
        folder: this.#folder,
        tools,
        kubeconfig: kubeconfigPath(folders),
        onStart,
        ready: (made) => this.#waitForApiServer(made, network),
      }),
      this.#startMachines(plans, tools, network, onStart),
    ]);
    await Promise.all(
      machines.map(async ({ plan, machine }) => {
        const joined = await startKubelet(plan, machine, files.authority, apiServerUrl(network));
        joined.forEach(onStart);
      }),
    );
    await this.#waitForNodes(files, network, plans);
    await writeState(folders, { kind: 'local', nodes, complete: true });
    report(`cluster: up in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }

  async down(): Promise<void> {
    await removeFromKernel(this.#identity);
    await forgetCluster(this.#context.folders);
  }

  async status(): Promise<string[]> {
    const state = await readState(this.#context.folders);
    if (state === undefined) throw new Error('no cluster is up: run "make cluster-up"');
    const missing = await this.#missing(state);
    if (missing.length > 0 || !state.complete) {
      const what = missing.length > 0 ? `not running: ${missing.join(', ')}` : 'startup was interrupted';
      throw new Error(`the cluster is broken (${what}): run "make cluster-up" to recreate it`);
    }
    const kubectl = join((await ensureLocalTools(this.#context)).kubernetes, 'kubectl');
    const kubeconfig = kubeconfigPath(this.#context.folders);
    const nodes = await run(kubectl, ['--kubeconfig', kubeconfig, 'get', 'nodes', '-o', 'wide']);
    return [...nodes.trimEnd().split('\n'), `kubeconfig: ${kubeconfig}`, `logs: ${this.#folder}`];
  }

  async loadImages(archives: readonly string[]): Promise<void> {
    const containerd = basename((await ensureLocalTools(this.#context)).containerd);
    const found = await findMachines(this.#identity);
    const nodes = found.flatMap(({ pid, args }): Machine[] => {
      const name = args[2];
      return name === undefined || name === controlPlaneMachine ? [] : [{ name, pid, ownNetwork: true }];
    });
    if (nodes.length === 0) throw new Error('no cluster is up: run "make cluster-up" first');
    const loaded = new LoadedArchives(this.#folder);
    for (const archive of await loaded.missing(archives.map((file) => resolve(file)))) {
      await Promise.all(nodes.map((node) => importImages(node, containerd, archive)));
      await loaded.add(archive);
    }
  }

  /** Disconnects a node from all networks, or reconnects it. Its processes keep running. */
  async setPlugged(node: string, plugged: boolean): Promise<void> {
    const nodes = Array.from(
      { length: (await readState(this.#context.folders))?.nodes ?? 0 },
      (_, at) => at + 1,
    );
    const number = nodes.find((each) => nodeName(each) === node);
    if (number === undefined)
      throw new Error(
        `there is no node "${node}" here: ${nodes.map(nodeName).join(', ') || 'no cluster is up'}`,
      );
    await setCable(this.#identity, number, plugged);
  }

  /** Starts the nodes' machines, connects them to the bridge, and starts their container runtimes. */
  async #startMachines(
    plans: readonly NodePlan[],
    tools: LocalTools,
    network: Network,
    onStart: (program: Program) => void,
  ): Promise<{ plan: NodePlan; machine: Machine }[]> {
    const pausePath = join(tools.pause, 'pause');
    const archive = join(this.#folder, 'pause.tar');
    await writeFile(archive, programImage(pauseImage, 'pause', await readFile(pausePath)));
    return Promise.all(
      plans.map(async (plan) => {
        const machine = await startMachine(this.#identity, nodeName(plan.number), true, pausePath);
        await connectMachine(this.#identity, network, machine, plan.number);
        for (const other of plans) {
          if (other !== plan) await routeToPods(network, machine, other.number);
        }
        onStart(await startRuntime(plan, machine, archive));
        return { plan, machine };
      }),
    );
  }

  async #waitForApiServer(files: ControlPlaneFiles, network: Network): Promise<void> {
    await this.#wait('the API server is ready', async () => {
      const answer = await apiGet(apiServerUrl(network), files, '/readyz');
      return answer === 'ok' ? true : undefined;
    });
  }

  /** Waits until every node is Ready and schedulable, pods can be created, and names are resolved. */
  async #waitForNodes(files: ControlPlaneFiles, network: Network, plans: readonly NodePlan[]): Promise<void> {
    const get = (path: string) => apiGet(apiServerUrl(network), files, path);
    const isReady = async (name: string) => {
      const node = nodeSchema.parse(JSON.parse(await get(`/api/v1/nodes/${name}`)));
      const ready = node.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
      return ready && (node.spec.taints ?? []).length === 0 ? true : undefined;
    };
    await Promise.all([
      ...plans.map(({ number }) =>
        this.#wait(`${nodeName(number)} is Ready`, () => isReady(nodeName(number))),
      ),
      this.#wait('the default service account exists', () =>
        get('/api/v1/namespaces/default/serviceaccounts/default'),
      ),
      this.#wait('CoreDNS is ready', async () => {
        const answer = await fetch(`http://${hostAddress(network)}:8181/ready`);
        return answer.ok ? true : undefined;
      }),
    ]);
  }

  /** Waits, but fails at once if a program that is needed has ended. */
  async #wait<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
    return waitUntil(`${what} (logs: ${this.#folder})`, readyWithinMs, async () => {
      for (const program of this.#programs) await program.check();
      return probe();
    });
  }

  /** The programs that should run in the cluster's machines and do not. */
  async #missing(state: ClusterState): Promise<string[]> {
    const machines = await findMachines(this.#identity);
    const nodes = Array.from({ length: state.nodes }, (_, index) => nodeName(index + 1));
    const wanted = [controlPlaneMachine, ...nodes].map(async (name) => {
      const machine = machines.find((info) => info.args[2] === name);
      if (machine === undefined) return [name];
      const running = (await processesBeside(machine.pid)).map(({ args }) => basename(args[0] ?? ''));
      const programs: readonly string[] = name === controlPlaneMachine ? controlPlanePrograms : nodePrograms;
      return programs.filter((program) => !running.includes(program)).map((program) => `${name}/${program}`);
    });
    return (await Promise.all(wanted)).flat();
  }
}
