import { readdir, readFile } from 'node:fs/promises';

/**
 * The processes of a pod's containers, by their control group: the cluster's nodes are on this machine. The first one
 * is the relay's own, which has the others below it.
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
  if (first?.isRelay !== true) throw new Error(`no relay runs in pod ${podUid}`);
  return relays.filter(({ pid }) => pid >= first.pid).map(({ pid }) => pid);
}

/** A process that has gone has none. */
function text(pid: number, name: string): Promise<string> {
  return readFile(`/proc/${String(pid)}/${name}`, 'utf8').catch(() => '');
}
