import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDebianPackages, type Requirement } from '../system/debian-packages.ts';
import type { Report } from '../tools/report.ts';

const cniPlugins = ['ptp', 'host-local', 'portmap'];
/** The first is Debian's. */
const cniFolders = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'] as const;

/** Programs of the system that the cluster uses, and the Debian packages that contain them. */
const programs: readonly Requirement[] = [
  { file: 'runc', debianPackage: 'runc' },
  { file: 'iptables', debianPackage: 'iptables' },
  { file: 'iptables-restore', debianPackage: 'iptables' },
  { file: 'openssl', debianPackage: 'openssl' },
  { file: 'ip', debianPackage: 'iproute2' },
  { file: 'unshare', debianPackage: 'util-linux' },
  { file: 'nsenter', debianPackage: 'util-linux' },
  { file: 'mount', debianPackage: 'mount' },
];

export interface System {
  readonly cniPlugins: string;
}

/**
 * Makes sure that this host can run a cluster: Linux, root, the system's programs. Missing programs are installed if
 * the system is Debian.
 */
export async function requireSystem(report: Report): Promise<System> {
  if (process.platform !== 'linux') {
    throw new Error(`a local cluster needs Linux, but this is ${process.platform}: use CLUSTER=kind`);
  }
  if (process.getuid?.() !== 0) {
    throw new Error(
      'a local cluster needs root, for namespaces, mounts and interfaces: use "sudo -E make ...", or CLUSTER=kind',
    );
  }
  const folder = (await cniFolder()) ?? cniFolders[0];
  const plugins = cniPlugins.map((plugin) => ({
    file: join(folder, plugin),
    debianPackage: 'containernetworking-plugins',
  }));
  await ensureDebianPackages('the cluster', [...programs, ...plugins], report);
  return { cniPlugins: folder };
}

async function cniFolder(): Promise<string | undefined> {
  for (const folder of cniFolders) {
    const there = await Promise.allSettled(cniPlugins.map((plugin) => access(join(folder, plugin))));
    if (there.every(({ status }) => status === 'fulfilled')) return folder;
  }
  return undefined;
}
