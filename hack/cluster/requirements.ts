import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../tools/build.ts';
import { attempt } from './run.ts';

/** Programs of the system that the cluster uses, and the Debian packages that have them. */
const commands: readonly (readonly [command: string, debianPackage: string])[] = [
  ['runc', 'runc'],
  ['iptables', 'iptables'],
  ['iptables-restore', 'iptables'],
  ['openssl', 'openssl'],
  ['ip', 'iproute2'],
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
  ['mount', 'mount'],
];
const cniPackage = 'containernetworking-plugins';
const cniPlugins = ['ptp', 'host-local', 'portmap'];
const cniFolders = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'];

/** Where programs of the system are, also when a user's PATH leaves out the administrator's. */
export const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface System {
  readonly cniPlugins: string;
}

/**
 * Makes sure that this host can run a cluster: Linux, root, the system's
 * programs. Missing ones are installed where the system is Debian.
 */
export async function requireSystem(report: Report): Promise<System> {
  if (process.platform !== 'linux') {
    throw new Error(`a local cluster needs Linux, this is ${process.platform}: use CLUSTER=kind`);
  }
  if (process.getuid?.() !== 0) {
    throw new Error(
      'a local cluster needs root, for namespaces, mounts and interfaces: use "sudo -E make ...", or CLUSTER=kind',
    );
  }
  const missing = await missingPackages();
  if (missing.length > 0) await install(missing, report);
  const folder = await cniFolder();
  const still = await missingPackages();
  if (still.length > 0 || folder === undefined) {
    throw new Error(
      `these packages were installed, but what they should have is missing: ${still.join(', ')}`,
    );
  }
  return { cniPlugins: folder };
}

async function missingPackages(): Promise<string[]> {
  const missing = new Set<string>();
  for (const [command, debianPackage] of commands) {
    if (!(await onPath(command))) missing.add(debianPackage);
  }
  if ((await cniFolder()) === undefined) missing.add(cniPackage);
  return [...missing];
}

async function install(packages: readonly string[], report: Report): Promise<void> {
  const list = packages.join(' ');
  if (!(await exists('/etc/debian_version')) || !(await onPath('apt-get'))) {
    throw new Error(
      `the cluster needs programs that are missing here; in Debian their packages are called: ${list}. Install what your system calls them`,
    );
  }
  report(`cluster: installing ${list}`);
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  const arguments_ = ['install', '-y', '--no-install-recommends', ...packages];
  const first = await attempt('apt-get', arguments_, { environment });
  if (first.status === 0) return;
  await attempt('apt-get', ['update'], { environment });
  const second = await attempt('apt-get', arguments_, { environment });
  if (second.status !== 0) {
    throw new Error(`apt-get could not install ${list}; install them by hand: ${second.stderr.trim()}`);
  }
}

async function cniFolder(): Promise<string | undefined> {
  for (const folder of cniFolders) {
    const there = await Promise.all(cniPlugins.map((plugin) => exists(join(folder, plugin))));
    if (there.every(Boolean)) return folder;
  }
  return undefined;
}

async function onPath(command: string): Promise<boolean> {
  const found = await Promise.all(
    systemPath.split(':').map((folder) =>
      access(join(folder, command)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
