import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type Identity, idIn } from '../../../hack/cluster/identity.ts';
import { listProcesses, readOrEmpty } from '../../../hack/cluster/processes.ts';

const run = promisify(execFile);

/** Directories that a Kubernetes installation usually writes to. */
const folders = [
  '/run',
  '/run/containerd',
  '/run/netns',
  '/opt',
  '/etc/cni',
  '/etc/cdi',
  '/var/lib/cni',
  '/var/lib/containerd',
  '/var/lib/kubelet',
  '/var/log/containers',
  '/var/log/pods',
  '/sys/fs/cgroup',
];
const settings = ['vm/overcommit_memory', 'kernel/panic', 'kernel/panic_on_oops', 'net/ipv4/ip_forward'];

export type HostSnapshot = Readonly<Record<string, readonly string[]>>;

/**
 * Everything on this machine that a cluster creates, except what belongs to other clusters that may run on it.
 * Two snapshots are equal when nothing was left behind.
 */
export async function snapshotHost(identity: Identity, localFolder: string): Promise<HostSnapshot> {
  const isAnothers = (name: string) => {
    const id = idIn(name.replace(/^(lc-[0-9a-f]{8})-\d+$/, '$1'));
    return id !== undefined && id !== identity.id;
  };
  const { stdout: links } = await run('ip', ['-br', 'link']);
  const { stdout: routes } = await run('ip', ['-4', 'route']);
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).trim().split('\n');
  const trees = mounts.filter((line) => / - cgroup2? /.test(line)).map((line) => line.split(' ')[4] ?? '');
  const listings = await Promise.all(
    [...folders, ...trees].map(async (folder) => {
      const names = await readdir(folder).catch(() => ['(missing)']);
      return names.filter((name) => !isAnothers(name)).map((name) => `${folder}/${name}`);
    }),
  );
  return {
    processes: await processesOf(identity, localFolder),
    links: links
      .split('\n')
      .flatMap((line) => line.split(/[ @]/)[0] ?? [])
      .filter((name) => !isAnothers(name)),
    routes: routes.split('\n').filter((line) => !isAnothers(/dev (\S+)/.exec(line)?.[1] ?? '')),
    mounts: mounts.map((line) => line.split(' ').slice(3, 5).join(' ')),
    rules: await packetFilterRules(isAnothers),
    files: listings.flat().sort(),
    settings: await Promise.all(settings.map((name) => readOrEmpty(`/proc/sys/${name}`))),
  };
}

/** Processes that carry the cluster's marker in their arguments, environment or control group. */
async function processesOf(identity: Identity, localFolder: string): Promise<string[]> {
  const found = await Promise.all(
    (await listProcesses()).map(async ({ pid, args }) => {
      const file = (name: string) => readOrEmpty(`/proc/${String(pid)}/${name}`);
      const marked =
        args.some((arg) => arg.includes(identity.tag) || arg.includes(localFolder)) ||
        (await file('environ')).includes(`LIVECHANNEL_CLUSTER=${identity.id}`) ||
        (await file('cgroup')).includes(identity.tag);
      return marked && pid !== process.pid ? [args.join(' ')] : [];
    }),
  );
  return found.flat();
}

/** Without what iptables creates when it is queried: empty tables, and counters. */
async function packetFilterRules(isAnothers: (name: string) => boolean): Promise<string[]> {
  const saved = await Promise.all(['iptables-save', 'ip6tables-save'].map((command) => run(command, [])));
  return saved
    .flatMap(({ stdout }) => stdout.split('\n'))
    .filter((line) => line.startsWith('-A ') || (line.startsWith(':') && line.includes(' - ')))
    .map((line) => line.replace(/ \[\d+:\d+\]$/, ''))
    .filter(
      (line) => !line.split(/[ :]/).some((word) => isAnothers(word.replace('LIVECHANNEL-', 'livechannel-'))),
    );
}
