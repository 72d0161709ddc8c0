import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { idIn, type Identity } from './identity.ts';
import { type Machine, runIn } from './machine.ts';
import { attempt, run } from './run.ts';

/**
 * The addresses of a cluster, all from one 10.N.0.0/16: 10.N.0.0/24 connects the machines (the host is .1, node k is
 * .1+k), 10.N.k.0/24 are the pods of node k.
 */
export interface Network {
  readonly second: number;
  /** The MTU of the interface with the default route, so that packets of pods fit. */
  readonly mtu: number;
}

/** The host's address, on which the API server and the DNS server listen. */
export const hostAddress = (network: Network): string => `10.${String(network.second)}.0.1`;
export const nodeAddress = (network: Network, node: number): string =>
  `10.${String(network.second)}.0.${String(1 + node)}`;
export const podRange = (network: Network, node: number): string =>
  `10.${String(network.second)}.${String(node)}.0/24`;
export const clusterRange = (network: Network): string => `10.${String(network.second)}.0.0/16`;

const candidates = Array.from({ length: 40 }, (_, index) => 201 + index);
const forwardingSwitch = '/proc/sys/net/ipv4/ip_forward';
/** Exists while forwarding is on because this cluster enabled it. */
const forwardingMark = '/run/livechannel-ip-forward';

const routes = z.array(z.object({ dst: z.string(), dev: z.string().optional() }));
const links = z.array(z.object({ ifname: z.string(), mtu: z.number() }));

/** Creates the bridge that connects the machines, on a range that no route of this host uses. */
export async function createBridge(identity: Identity): Promise<Network> {
  const known = routes.parse(JSON.parse(await run('ip', ['-4', '-j', 'route', 'show', 'table', 'all'])));
  const second = freeRange(known.map((route) => route.dst));
  const wayOut = known.find((route) => route.dst === 'default')?.dev;
  const interfaces = await listLinks();
  const network = { second, mtu: interfaces.find((link) => link.ifname === wayOut)?.mtu ?? 1500 };
  const { bridge, chain } = identity;
  await run('ip', ['link', 'add', bridge, 'mtu', String(network.mtu), 'type', 'bridge']);
  await run('ip', ['address', 'add', `${hostAddress(network)}/24`, 'dev', bridge]);
  await run('ip', ['link', 'set', bridge, 'up']);

  if ((await readFile(forwardingSwitch, 'utf8')).trim() === '0') {
    await writeFile(forwardingMark, '');
    await writeFile(forwardingSwitch, '1');
  }
  // Inserted before the rules of others: Docker drops unknown packets, and a firewall may refuse incoming ones.
  await run('iptables-restore', ['--noflush', '--wait'], {
    input: [
      '*filter',
      `:${chain} - [0:0]`,
      `-A ${chain} -i ${bridge} -j ACCEPT`,
      `-A ${chain} -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      `-I INPUT -i ${bridge} -j ${chain}`,
      `-I FORWARD -j ${chain}`,
      'COMMIT',
      '*nat',
      `:${chain} - [0:0]`,
      `-A ${chain} -s ${clusterRange(network)} ! -o ${bridge} -j MASQUERADE`,
      `-A POSTROUTING -j ${chain}`,
      'COMMIT',
      '',
    ].join('\n'),
  });
  return network;
}

/** The first candidate N whose 10.N.0.0/16 overlaps with none of these destinations. */
export function freeRange(destinations: readonly string[]): number {
  const taken = destinations.flatMap((destination) => {
    const match = /^(\d+)\.(\d+)\.\d+\.\d+(?:\/(\d+))?$/.exec(destination);
    const bits = Number(match?.[3] ?? 32);
    if (match === null || bits === 0 || match[1] !== '10') return [];
    const from = Number(match[2]);
    return [{ from, to: bits >= 16 ? from : from + 2 ** (16 - bits) - 1 }];
  });
  const free = candidates.find(
    (second) => !taken.some((range) => range.from <= second && second <= range.to),
  );
  if (free === undefined) {
    throw new Error('no free address range for the cluster: every 10.201.0.0/16 to 10.240.0.0/16 is in use');
  }
  return free;
}

/** Connects a machine to the bridge: its own interface is eth0, and its pods are reachable through it. */
export async function connectMachine(
  identity: Identity,
  network: Network,
  machine: Machine,
  node: number,
): Promise<void> {
  const cable = identity.cable(node);
  const mtu = String(network.mtu);
  const peer = ['peer', 'name', 'eth0', 'mtu', mtu, 'netns', String(machine.pid)];
  await run('ip', ['link', 'add', cable, 'mtu', mtu, 'type', 'veth', ...peer]);
  await run('ip', ['link', 'set', cable, 'master', identity.bridge, 'up']);
  await runIn(
    machine,
    [...['ip', '-batch', '-']] as [string, ...string[]],
    [
      'link set lo up',
      'link set eth0 up',
      `address add ${nodeAddress(network, node)}/24 dev eth0`,
      `route add default via ${hostAddress(network)}`,
      '',
    ].join('\n'),
  );
  await run('ip', ['route', 'add', podRange(network, node), 'via', nodeAddress(network, node)]);
}

/** Disconnects a machine from the bridge, or connects it again. Its processes keep running without a network. */
export async function setCable(identity: Identity, node: number, plugged: boolean): Promise<void> {
  await run('ip', ['link', 'set', identity.cable(node), plugged ? 'up' : 'down']);
}

/** Adds a route to another node's pods on a node. */
export async function routeToPods(network: Network, from: Machine, node: number): Promise<void> {
  await runIn(from, ['ip', 'route', 'add', podRange(network, node), 'via', nodeAddress(network, node)]);
}

/** Removes the interfaces, routes and rules of a cluster, as far as they exist. */
export async function removeNetwork(identity: Identity): Promise<void> {
  for (const { ifname } of await listLinks()) {
    if (ifname === identity.bridge || ifname.startsWith(`${identity.bridge}-`)) {
      // A veth pair is removed by the kernel, somewhat later, when its machine ends.
      const { status, stderr } = await attempt('ip', ['link', 'delete', ifname]);
      if (status !== 0 && !stderr.includes('Cannot find'))
        throw new Error(`ip link delete ${ifname}: ${stderr}`);
    }
  }
  for (const table of ['filter', 'nat']) {
    const rules = (await run('iptables-save', ['-t', table])).split('\n');
    const removal = rulesToRemove(rules, identity.chain);
    if (removal.length === 0) continue;
    await run('iptables-restore', ['--noflush', '--wait'], {
      input: [`*${table}`, ...removal, 'COMMIT', ''].join('\n'),
    });
  }
  await restoreForwarding();
}

/** The input for iptables-restore that removes a chain and the jumps to it. */
export function rulesToRemove(saved: readonly string[], chain: string): string[] {
  if (!saved.some((line) => line.startsWith(`:${chain} `))) return [];
  const jumps = saved.filter((line) => line.startsWith('-A ') && line.endsWith(` -j ${chain}`));
  return [...jumps.map((line) => line.replace('-A', '-D')), `-F ${chain}`, `-X ${chain}`];
}

/** Turns forwarding off again if this cluster turned it on and no other cluster needs it. */
async function restoreForwarding(): Promise<void> {
  const ours = await stat(forwardingMark).then(
    () => true,
    () => false,
  );
  const otherBridge = (await listLinks()).some((link) => idIn(link.ifname) !== undefined);
  if (!ours || otherBridge) return;
  const docker = (await run('iptables-save', ['-t', 'filter'])).includes('\n:DOCKER');
  if (!docker) await writeFile(forwardingSwitch, '0');
  await rm(forwardingMark, { force: true });
}

export async function listLinks(): Promise<z.infer<typeof links>> {
  return links.parse(JSON.parse(await run('ip', ['-j', 'link', 'show'])));
}
