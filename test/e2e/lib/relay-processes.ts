import { readdir, readFile } from 'node:fs/promises';

/**
 * The processes of a pod's containers, found by their control group: the cluster's nodes run on this machine. The
 * first one is the relay, the parent of all others.
 */
export async function processesOf(podUid: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [groups, command] = await Promise.all([text(pid, 'cgroup'), text(pid, 'cmdline')]);
      return groups.includes(podUid) && command !== ''
        ? { pid, isRelay: command.includes('\0relay\0--config\0') }
        : [];
    }),
  );
  const relays = found.flat().sort((a, b) => Number(b.isRelay) - Number(a.isRelay) || a.pid - b.pid);
  const [first] = relays;
  if (first?.isRelay !== true) throw new Error(`pod ${podUid} has no running relay`);
  return relays.filter(({ pid }) => pid >= first.pid).map(({ pid }) => pid);
}

/** Empty for a process that has exited. */
function text(pid: number, name: string): Promise<string> {
  return readFile(`/proc/${String(pid)}/${name}`, 'utf8').catch(() => '');
}
