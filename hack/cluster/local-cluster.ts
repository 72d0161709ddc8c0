import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ensureTool } from '../tools/build.ts';
import { withLock } from '../tools/lock.ts';
import {
  apiGet,
  apiServerArguments,
  controllerManagerArguments,
  type ControlPlaneFiles,
  createControlPlaneFiles,
  etcdArguments,
} from './api-server.ts';
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
import { bootstrapManifest, corefile } from './coredns.ts';
import { pauseImage } from './containerd.ts';
import { clusterFolder, identityOf, type Identity } from './identity.ts';
import { findMachines, launch, type Machine, startMachine } from './machine.ts';
import { connectMachine, createBridge, hostAddress, type Network, routeToPods } from './network.ts';
import { freePorts } from './free-ports.ts';
import { importImages, nodeName, type NodePlan, startKubelet, startRuntime } from './node.ts';
import { kubeconfigText } from './pki.ts';
import { processesBeside } from './processes.ts';
import { programImage } from './program-image.ts';
import { requireSystem, systemPath } from './requirements.ts';
import { removeFromKernel } from './removal.ts';
import { run } from './run.ts';
import { z } from 'zod';
import { waitUntil } from './wait-until.ts';

const nodeSchema = z.object({
  spec: z.object({ taints: z.array(z.unknown()).optional() }),
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })) }),
});

const readyWithinMs = 90_000;
const apiPort = 6443;
const controlPlaneMachine = 'control-plane';
const controlPlanePrograms = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'coredns',
];
const nodePrograms = ['containerd', 'kubelet', 'kube-proxy'];

/** A real Kubernetes on this machine: one machine for the control plane, on the host's network, and one per node. */
export class LocalCluster implements Cluster {
  readonly #context: ClusterContext;
  readonly #identity: Identity;
  readonly #folder: string;

  constructor(context: ClusterContext) {
    this.#context = context;
    this.#identity = identityOf(context.folders.local);
    this.#folder = clusterFolder(context.folders.local);
  }

  async up(options: UpOptions): Promise<void> {
    const { folders, report } = this.#context;
    const system = await requireSystem(report);
    const tools = await this.#tools();
    const state = await readState(folders);
    if (state?.complete === true && (await this.#missing(state)).length === 0) {
      if (state.nodes !== options.nodes) {
        throw new Error(
          `a cluster with NODES=${String(state.nodes)} is up: run "make cluster-down" before another number of nodes`,
        );
      }
      report('cluster: is up already');
      return;
    }
    await this.down();

    const started = performance.now();
    await mkdir(this.#folder, { recursive: true });
    const incomplete: ClusterState = { kind: 'local', nodes: options.nodes, complete: false };
    await writeState(folders, incomplete);
    const network = await withLock(join(folders.cache, 'network.lock'), () => createBridge(this.#identity));
    await writeState(folders, { ...incomplete, network });

    const url = `https://${hostAddress(network)}:${String(apiPort)}`;
    const plans = Array.from({ length: options.nodes }, (_, index): NodePlan => ({
      identity: this.#identity,
      network,
      number: index + 1,
      folder: join(this.#folder, nodeName(index + 1)),
      toolsFolder: dirname(tools.kubernetes),
      kubernetes: basename(tools.kubernetes),
      containerd: basename(tools.containerd),
      cniPlugins: system.cniPlugins,
    }));
    const [files, machines] = await Promise.all([
      this.#startControlPlane(tools, network, url),
      this.#startNodes(plans, tools.pause, network),
    ]);
    await Promise.all(
      plans.map(async (plan, index) => {
        const machine = machines[index];
        if (machine !== undefined) await startKubelet(plan, machine, files.authority, url);
      }),
    );
    await this.#waitForNodes(files, url, plans);
    await writeState(folders, { ...incomplete, network, complete: true });
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
      const what = missing.length > 0 ? `does not run: ${missing.join(', ')}` : 'was not started to its end';
      throw new Error(`the cluster is broken (${what}): run "make cluster-up" to start it anew`);
    }
    const kubectl = join((await this.#tools()).kubernetes, 'kubectl');
    const kubeconfig = kubeconfigPath(this.#context.folders);
    const nodes = await run(kubectl, ['--kubeconfig', kubeconfig, 'get', 'nodes', '-o', 'wide']);
    return [...nodes.trimEnd().split('\n'), `kubeconfig: ${kubeconfig}`, `logs: ${this.#folder}`];
  }

  async loadImages(archives: readonly string[]): Promise<void> {
    const tools = await this.#tools();
    const found = await findMachines(this.#identity);
    const nodes = found.flatMap(({ pid, args }): Machine[] => {
      const name = args[2];
      return name === undefined || name === controlPlaneMachine ? [] : [{ name, pid, ownNetwork: true }];
    });
    if (nodes.length === 0) throw new Error('no cluster is up: run "make cluster-up" first');
    for (const archive of archives) {
      await Promise.all(nodes.map((node) => importImages(node, basename(tools.containerd), archive)));
    }
  }

  /** The folders of the built tools. */
  async #tools(): Promise<Record<'etcd' | 'kubernetes' | 'containerd' | 'pause' | 'coredns', string>> {
    const { folders, report } = this.#context;
    const folder = async (...[name, program]: [Parameters<typeof ensureTool>[1], string?]) =>
      dirname(await ensureTool(folders, name, report, program));
    return {
      etcd: await folder('etcd'),
      kubernetes: await folder('kubernetes', 'kubectl'),
      containerd: await folder('containerd'),
      pause: await folder('pause'),
      coredns: await folder('coredns'),
    };
  }

  async #startControlPlane(
    tools: Readonly<Record<'etcd' | 'kubernetes' | 'coredns' | 'pause', string>>,
    network: Network,
    url: string,
  ): Promise<ControlPlaneFiles> {
    const { folders } = this.#context;
    const address = hostAddress(network);
    const folder = this.#folder;
    const [machine, files, [etcdPort = 0, peerPort = 0]] = await Promise.all([
      startMachine(this.#identity, controlPlaneMachine, false, join(tools.pause, 'pause')),
      createControlPlaneFiles(folder, address),
      freePorts(2),
    ]);
    const start = (path: string, args: readonly string[]) =>
      launch(machine, [path, ...args], join(folder, `${basename(path)}.log`), {
        PATH: systemPath,
        LIVECHANNEL_CLUSTER: this.#identity.id,
      });
    const kubernetes = (name: string) => join(tools.kubernetes, name);
    const kubeconfigOf = async (name: string, commonName: string) => {
      const client = await files.authority.issue(name, { commonName });
      const path = join(folder, `${name}.kubeconfig`);
      await writeFile(path, await kubeconfigText(url, files.authority.pair, client), { mode: 0o600 });
      return path;
    };

    await start(join(tools.etcd, 'etcd'), etcdArguments(files, folder, etcdPort, peerPort));
    await start(
      kubernetes('kube-apiserver'),
      apiServerArguments(files, { address, port: apiPort, etcdPort, advertiseAddress: address }),
    );
    const admin = kubeconfigPath(folders);
    await writeFile(admin, await kubeconfigText(url, files.authority.pair, files.admin), { mode: 0o600 });
    const [manager, scheduler, coredns] = await Promise.all(
      ['kube-controller-manager', 'kube-scheduler', 'coredns'].map((name) =>
        kubeconfigOf(name, `system:${name}`),
      ),
    );
    await this.#waitForApiServer(files, url);
    await run(kubernetes('kubectl'), ['--kubeconfig', admin, 'apply', '--server-side', '-f', '-'], {
      input: bootstrapManifest,
    });

    await start(kubernetes('kube-controller-manager'), [
      ...controllerManagerArguments(files, manager ?? ''),
      '--secure-port=0',
    ]);
    await start(kubernetes('kube-scheduler'), [
      `--kubeconfig=${scheduler ?? ''}`,
      '--leader-elect=false',
      '--secure-port=0',
    ]);
    const resolvConf = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
    const corefilePath = join(folder, 'Corefile');
    await writeFile(corefilePath, corefile(address, coredns ?? '', resolvConf));
    await start(join(tools.coredns, 'coredns'), ['-conf', corefilePath]);
    return files;
  }

  async #startNodes(plans: readonly NodePlan[], pauseFolder: string, network: Network): Promise<Machine[]> {
    const pausePath = join(pauseFolder, 'pause');
    const archive = join(this.#folder, 'pause.tar');
    await writeFile(archive, programImage(pauseImage, 'pause', await readFile(pausePath)));
    const machines = await Promise.all(
      plans.map(async (plan) => {
        const machine = await startMachine(this.#identity, nodeName(plan.number), true, pausePath);
        await connectMachine(this.#identity, network, machine, plan.number);
        await startRuntime(plan, machine, archive);
        return machine;
      }),
    );
    for (const [index, machine] of machines.entries()) {
      for (const other of plans) {
        if (other.number !== index + 1) await routeToPods(network, machine, other.number);
      }
    }
    return machines;
  }

  async #waitForApiServer(files: ControlPlaneFiles, url: string): Promise<void> {
    await waitUntil(`the API server is ready (logs: ${this.#folder})`, readyWithinMs, async () =>
      (await apiGet(url, files, '/readyz')) === 'ok' ? true : undefined,
    );
  }

  /** Every node is Ready and takes pods, pods may be made, and names are answered. */
  async #waitForNodes(files: ControlPlaneFiles, url: string, plans: readonly NodePlan[]): Promise<void> {
    const ready = async (plan: NodePlan) => {
      const node = nodeSchema.parse(
        JSON.parse(await apiGet(url, files, `/api/v1/nodes/${nodeName(plan.number)}`)),
      );
      const isReady = node.status.conditions.some(
        ({ type, status }) => type === 'Ready' && status === 'True',
      );
      return isReady && (node.spec.taints ?? []).length === 0 ? true : undefined;
    };
    const account = '/api/v1/namespaces/default/serviceaccounts/default';
    const [first] = plans;
    await Promise.all([
      ...plans.map((plan) =>
        waitUntil(`${nodeName(plan.number)} is Ready (logs: ${plan.folder})`, readyWithinMs, () =>
          ready(plan),
        ),
      ),
      waitUntil('the default service account', readyWithinMs, () => apiGet(url, files, account)),
      ...(first === undefined
        ? []
        : [
            waitUntil(
              `CoreDNS is ready (log: ${join(this.#folder, 'coredns.log')})`,
              readyWithinMs,
              async () =>
                (await fetch(`http://${hostAddress(first.network)}:8181/ready`)).ok ? true : undefined,
            ),
          ]),
    ]);
  }

  /** What should run in the cluster's machines and doesn't. */
  async #missing(state: ClusterState): Promise<string[]> {
    const machines = await findMachines(this.#identity);
    const nodes = Array.from({ length: state.nodes }, (_, index) => nodeName(index + 1));
    const wanted = [controlPlaneMachine, ...nodes].map(async (name) => {
      const machine = machines.find((info) => info.args[2] === name);
      if (machine === undefined) return [name];
      const running = (await processesBeside(machine.pid)).map(({ args }) => basename(args[0] ?? ''));
      const programs = name === controlPlaneMachine ? controlPlanePrograms : nodePrograms;
      return programs.filter((program) => !running.includes(program)).map((program) => `${name}/${program}`);
    });
    return (await Promise.all(wanted)).flat();
  }
}
