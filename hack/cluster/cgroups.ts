import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Identity } from './identity.ts';
import { waitUntil } from './wait-until.ts';

/** The control groups of the cluster's pods. cgroup v2 has one tree, v1 has one tree for each controller. */
async function trees(): Promise<string[]> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  return mounts.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ');
    const point = before?.split(' ')[4];
    return point !== undefined && /^cgroup2? /.test(after ?? '') ? [point] : [];
  });
}

/** The controllers that kubelet requires if the kernel has them. */
const kubeletControllers = ['cpu', 'cpuset', 'memory', 'hugetlb', 'pids'];

/** The parent control group of a node's pods, as kubelet names it. */
export function nodeCgroup(identity: Identity, node: string): string {
  return `/${identity.tag}/${node}`;
}

/** Creates a node's control group in every tree. kubelet requires it to exist with the same controllers as the root. */
export async function createNodeCgroup(identity: Identity, node: string): Promise<void> {
  for (const tree of await trees()) {
    let parent = tree;
    for (const part of [identity.tag, node]) {
      const group = join(parent, part);
      await delegateControllers(parent);
      await mkdir(group, { recursive: true });
      await inheritProcessors(parent, group);
      parent = group;
    }
  }
}

/** cgroup v2: a group has the controllers that its parent delegates. */
async function delegateControllers(parent: string): Promise<void> {
  const words = async (file: string) =>
    (await readFile(join(parent, file), 'utf8').catch(() => '')).split(/\s+/);
  const [available, delegated] = [await words('cgroup.controllers'), await words('cgroup.subtree_control')];
  const missing = kubeletControllers.filter((name) => available.includes(name) && !delegated.includes(name));
  if (missing.length === 0) return;
  try {
    await writeFile(join(parent, 'cgroup.subtree_control'), missing.map((name) => `+${name}`).join(' '));
  } catch (cause) {
    throw new Error(
      `the control group ${parent} cannot delegate ${missing.join(', ')}: in a container, use a separate cgroup namespace without processes in the root, or use CLUSTER=kind`,
      { cause },
    );
  }
}

/** cgroup v1: a new cpuset has no CPU and no memory node, and accepts no process until it has. */
async function inheritProcessors(parent: string, group: string): Promise<void> {
  if (!(await readdir(group)).includes('cpuset.memory_migrate')) return;
  for (const setting of ['cpuset.cpus', 'cpuset.mems']) {
    await writeFile(join(group, setting), (await readFile(join(parent, setting), 'utf8')).trim());
  }
}

/** Removes the cluster's control groups. Their processes must have been killed; the kernel may need a moment. */
export async function removeCgroups(identity: Identity): Promise<void> {
  for (const tree of await trees()) {
    const root = join(tree, identity.tag);
    await waitUntil(`control group ${root} is empty`, 30_000, async () => {
      await removeTree(root);
      return true;
    });
  }
}

async function removeTree(group: string): Promise<void> {
  const entries = await readdir(group, { withFileTypes: true }).catch(ignoreMissing);
  if (entries === undefined) return;
  for (const entry of entries) {
    if (entry.isDirectory()) await removeTree(join(group, entry.name));
  }
  await rmdir(group).catch(ignoreMissing);
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}

/** The tags of all clusters that have control groups on this machine. */
export async function taggedCgroups(): Promise<string[]> {
  const names = await Promise.all((await trees()).map((tree) => readdir(tree).catch(() => [])));
  return [...new Set(names.flat())];
}
