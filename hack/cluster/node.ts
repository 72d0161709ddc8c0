import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createNodeCgroup, nodeCgroup } from './cgroups.ts';
import { cniConfig, containerdConfig } from './containerd.ts';
import type { Identity } from './identity.ts';
import { kubeletConfig } from './kubelet.ts';
import { launch, type Machine, restarting, runIn } from './machine.ts';
import { clusterRange, hostAddress, type Network, nodeAddress, podRange } from './network.ts';
import { nodePaths } from './node-paths.ts';
import { type Authority, kubeconfigText } from './pki.ts';
import type { Program } from './program.ts';
import { systemPath } from '../system/debian-packages.ts';
import { waitUntil } from './wait-until.ts';

/** The inputs of a node. Folders are the host's; tools are named by their folder in the cache. */
export interface NodePlan {
  readonly identity: Identity;
  readonly network: Network;
  /** 1 or more. */
  readonly number: number;
  readonly folder: string;
  readonly toolsFolder: string;
  readonly containerd: string;
  readonly kubernetes: string;
  readonly cniPlugins: string;
}

export const nodePrograms = ['containerd', 'kubelet', 'kube-proxy'] as const;

export const nodeName = (number: number): string => `node-${String(number)}`;

/** Kernel settings of the host that kubelet insists on changing. The node sees files of its own in their place. */
const kernelSettings: Readonly<Record<string, string>> = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
};

/**
 * Prepares the machine's file system: separate /run, /var/log and changes to /var/lib, so that programs can use their
 * usual paths without changing the host. Run by sh in the machine with the arguments FOLDER, TOOLS, NAME.
 */
const prepareScript = `
mount -n --make-rshared /
mount -n -t tmpfs -o mode=755 tmpfs /run
cd /run
mkdir -p node tools overlay/upper overlay/work lock
mount -n --bind "$1" node
mount -n --bind "$2" tools
mount -n -t overlay overlay -o lowerdir=/var/lib,upperdir=/run/overlay/upper,workdir=/run/overlay/work /var/lib
for own in containerd kubelet; do
  mkdir -p /var/lib/$own
  mount -n --bind /run/node/$own /var/lib/$own
done
mkdir -p /var/lib/cni
mount -n --bind /run/node/log /var/log
resolv=$(readlink -m /etc/resolv.conf)
case $resolv in /run/*) mkdir -p "\${resolv%/*}"; : > "$resolv" ;; esac
if [ -e "$resolv" ]; then mount -n --bind /run/node/resolv.conf "$resolv"; fi
cd /run/node/sysctl
for setting in */* */*/*; do
  if [ -f "$setting" ] && [ -e "/proc/sys/$setting" ]; then mount -n --bind "$setting" "/proc/sys/$setting"; fi
done
hostname "$3"
echo 1 > /proc/sys/net/ipv4/ip_forward
`;

/**
 * Starts a node's container runtime on a machine that is connected to the bridge already, with the pause image loaded.
 */
export async function startRuntime(plan: NodePlan, machine: Machine, pauseArchive: string): Promise<Program> {
  const { folder, network } = plan;
  const sysctls = Object.entries(kernelSettings);
  const folders = [
    'containerd',
    'kubelet',
    'log',
    'cni',
    ...sysctls.map(([name]) => join('sysctl', name, '..')),
  ];
  for (const name of folders) await mkdir(join(folder, name), { recursive: true });
  await Promise.all([
    ...sysctls.map(([name, value]) => writeFile(join(folder, 'sysctl', name), `${value}\n`)),
    writeFile(join(folder, 'resolv.conf'), `nameserver ${hostAddress(network)}\n`),
    writeFile(
      join(folder, 'cni', 'livechannel.conflist'),
      cniConfig(podRange(network, plan.number), network.mtu),
    ),
    writeFile(join(folder, 'containerd.toml'), containerdConfig(nodePaths, plan.cniPlugins)),
    createNodeCgroup(plan.identity, nodeName(plan.number)),
  ]);
  await runIn(machine, ['sh', '-euc', prepareScript, 'sh', folder, plan.toolsFolder, nodeName(plan.number)]);

  const tools = `${nodePaths.tools}/${plan.containerd}`;
  const containerd = await launch(
    machine,
    [`${tools}/containerd`, '--config', `${nodePaths.disk}/containerd.toml`],
    join(folder, 'containerd.log'),
    // A proxy for pulling images is for the user to set.
    { ...process.env, PATH: `${tools}:${systemPath}`, LIVECHANNEL_CLUSTER: plan.identity.id },
  );
  await waitUntil(`containerd of ${machine.name} answers`, 30_000, async () => {
    await containerd.check();
    return runIn(machine, [...ctr(plan.containerd), 'version']);
  });
  await importImages(machine, plan.containerd, pauseArchive);
  return containerd;
}

/** Loads an archive of images (OCI layout or docker save, in a tar) into a node's runtime. */
export async function importImages(machine: Machine, containerd: string, archive: string): Promise<void> {
  await runIn(machine, [...ctr(containerd), 'images', 'import', '-'], { file: archive });
}

function ctr(containerd: string): [string, ...string[]] {
  return [
    `${nodePaths.tools}/${containerd}/ctr`,
    '--address',
    nodePaths.containerdSocket,
    '--namespace',
    'k8s.io',
  ];
}

/** Starts kubelet and kube-proxy. The node joins the API server at `url` by itself. */
export async function startKubelet(
  plan: NodePlan,
  machine: Machine,
  authority: Authority,
  url: string,
): Promise<Program[]> {
  const { folder, network, number } = plan;
  const name = nodeName(number);
  const address = nodeAddress(network, number);
  const [kubelet, proxy] = await Promise.all([
    authority.issue(name, {
      commonName: `system:node:${name}`,
      organization: 'system:nodes',
      alternativeNames: [`DNS:${name}`, `IP:${address}`],
    }),
    authority.issue(`${name}-proxy`, { commonName: 'system:kube-proxy' }),
  ]);
  const disk = (file: string) => `${nodePaths.disk}/${file}`;
  await Promise.all([
    copyFile(authority.pair.certificate, join(folder, 'ca.crt')),
    copyFile(kubelet.certificate, join(folder, 'kubelet.crt')),
    copyFile(kubelet.key, join(folder, 'kubelet.key')),
    writeSecret(join(folder, 'kubelet.kubeconfig'), await kubeconfigText(url, authority.pair, kubelet)),
    writeSecret(join(folder, 'kube-proxy.kubeconfig'), await kubeconfigText(url, authority.pair, proxy)),
    writeFile(
      join(folder, 'kubelet.json'),
      kubeletConfig(nodePaths, {
        address,
        dnsAddress: hostAddress(network),
        cgroup: nodeCgroup(plan.identity, name),
        authority: disk('ca.crt'),
        certificate: disk('kubelet.crt'),
        key: disk('kubelet.key'),
        resolvConf: disk('resolv.conf'),
      }),
    ),
  ]);

  const environment = { PATH: systemPath, LIVECHANNEL_CLUSTER: plan.identity.id };
  const tools = `${nodePaths.tools}/${plan.kubernetes}`;
  const kubeletProgram = await launch(
    machine,
    [
      `${tools}/kubelet`,
      `--config=${disk('kubelet.json')}`,
      `--kubeconfig=${disk('kubelet.kubeconfig')}`,
      `--root-dir=${nodePaths.kubeletRoot}`,
      `--hostname-override=${name}`,
      `--node-ip=${address}`,
    ],
    join(folder, 'kubelet.log'),
    environment,
  );
  const proxyProgram = await launch(
    machine,
    // It ends when the node's object is deleted; without it the node would keep the addresses of pods that are gone.
    restarting([
      `${tools}/kube-proxy`,
      `--kubeconfig=${disk('kube-proxy.kubeconfig')}`,
      `--hostname-override=${name}`,
      `--cluster-cidr=${clusterRange(network)}`,
      '--proxy-mode=iptables',
      // Connection tracking belongs to the host: nothing is set from here.
      '--conntrack-max-per-core=0',
      '--conntrack-tcp-timeout-established=0',
      '--conntrack-tcp-timeout-close-wait=0',
      '--healthz-bind-address=127.0.0.1:10256',
      '--metrics-bind-address=127.0.0.1:10249',
      '--oom-score-adj=0',
    ]),
    join(folder, 'kube-proxy.log'),
    environment,
  );
  return [kubeletProgram, proxyProgram];
}

async function writeSecret(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
}
