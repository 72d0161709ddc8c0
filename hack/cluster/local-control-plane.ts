import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  apiServerArguments,
  controllerManagerArguments,
  type ControlPlaneFiles,
  createControlPlaneFiles,
  etcdArguments,
} from './api-server.ts';
import { bootstrapManifest, corefile } from './coredns.ts';
import { freePorts } from './free-ports.ts';
import type { Identity } from './identity.ts';
import type { LocalTools } from './local-tools.ts';
import { launch, type Machine, startMachine } from './machine.ts';
import { hostAddress, type Network } from './network.ts';
import { kubeconfigText } from './pki.ts';
import type { Program } from './program.ts';
import { systemPath } from '../system/debian-packages.ts';
import { run } from './run.ts';

const apiPort = 6443;
export const controlPlaneMachine = 'control-plane';
export const controlPlanePrograms = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'coredns',
] as const;

export const apiServerUrl = (network: Network): string =>
  `https://${hostAddress(network)}:${String(apiPort)}`;

export interface LocalControlPlanePlan {
  readonly identity: Identity;
  readonly network: Network;
  readonly folder: string;
  readonly tools: LocalTools;
  /** Where the administrator's kubeconfig is written to. */
  readonly kubeconfig: string;
  /** Called with every program that was started. */
  readonly onStart: (program: Program) => void;
  /** Resolves when the API server answers. */
  readonly ready: (files: ControlPlaneFiles) => Promise<void>;
}

/**
 * Starts the control plane and CoreDNS in a machine that shares the host's network: the API server and DNS listen on
 * the bridge alone, where pods and the host reach them, etcd on the loopback.
 */
export async function startLocalControlPlane(plan: LocalControlPlanePlan): Promise<ControlPlaneFiles> {
  const { identity, network, folder, tools } = plan;
  const address = hostAddress(network);
  const [machine, files, [etcdPort = 0, peerPort = 0]] = await Promise.all([
    startMachine(identity, controlPlaneMachine, false, join(tools.pause, 'pause')),
    createControlPlaneFiles(folder, address),
    freePorts(2),
  ]);
  const start = starter(plan, machine);
  const kubernetes = (name: string) => join(tools.kubernetes, name);

  await start(join(tools.etcd, 'etcd'), etcdArguments(files, folder, etcdPort, peerPort));
  await start(
    kubernetes('kube-apiserver'),
    apiServerArguments(files, { address, port: apiPort, etcdPort, advertiseAddress: address }),
  );
  const authority = files.authority.pair;
  await writeSecret(plan.kubeconfig, await kubeconfigText(apiServerUrl(network), authority, files.admin));
  const kubeconfigOf = async (name: string) => {
    const client = await files.authority.issue(name, { commonName: `system:${name}` });
    const path = join(folder, `${name}.kubeconfig`);
    await writeSecret(path, await kubeconfigText(apiServerUrl(network), authority, client));
    return path;
  };
  const [manager, scheduler, coredns] = await Promise.all([
    kubeconfigOf('kube-controller-manager'),
    kubeconfigOf('kube-scheduler'),
    kubeconfigOf('coredns'),
  ]);
  const resolvConf = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
  const corefilePath = join(folder, 'Corefile');
  await writeFile(corefilePath, corefile(address, coredns, resolvConf));

  await plan.ready(files);
  await run(kubernetes('kubectl'), ['--kubeconfig', plan.kubeconfig, 'apply', '--server-side', '-f', '-'], {
    input: bootstrapManifest,
  });
  await start(kubernetes('kube-controller-manager'), [
    ...controllerManagerArguments(files, manager),
    // A node that has become ready gets pods as soon as this is noticed (default: every 5 s).
    '--node-monitor-period=1s',
  ]);
  await start(kubernetes('kube-scheduler'), [
    `--kubeconfig=${scheduler}`,
    '--leader-elect=false',
    '--secure-port=0',
  ]);
  await start(join(tools.coredns, 'coredns'), ['-conf', corefilePath]);
  return files;
}

function starter(plan: LocalControlPlanePlan, machine: Machine) {
  // No environment of the user: a proxy set there would be used between the API server and the kubelets.
  const environment = { PATH: systemPath, LIVECHANNEL_CLUSTER: plan.identity.id };
  return async (path: string, args: readonly string[]) => {
    const log = join(plan.folder, `${basename(path)}.log`);
    plan.onStart(await launch(machine, [path, ...args], log, environment));
  };
}

async function writeSecret(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
}
