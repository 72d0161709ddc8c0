import { readdir, readFile, readlink } from 'node:fs/promises';

export interface ProcessInfo {
  readonly pid: number;
  readonly args: readonly string[];
}

/** Every process of this machine with its arguments. Processes that end meanwhile are left out. */
export async function listProcesses(): Promise<ProcessInfo[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (name) => {
      const text = await readOrEmpty(`/proc/${name}/cmdline`);
      return { pid: Number(name), args: text.split('\0').slice(0, -1) };
    }),
  );
  return found.filter((info) => info.args.length > 0);
}

/** The process ids that share the PID namespace of `pid`. */
export async function processesBeside(pid: number): Promise<ProcessInfo[]> {
  const namespace = await pidNamespace(pid);
  if (namespace === undefined) return [];
  const all = await listProcesses();
  const beside = await Promise.all(all.map(async (info) => (await pidNamespace(info.pid)) === namespace));
  return all.filter((_, index) => beside[index] === true);
}

export async function pidNamespace(pid: number): Promise<string | undefined> {
  return readlink(`/proc/${String(pid)}/ns/pid`).catch(() => undefined);
}

/** Whether a process exists and is not a zombie. */
export async function isAlive(pid: number): Promise<boolean> {
  const stat = await readOrEmpty(`/proc/${String(pid)}/stat`);
  const state = stat.slice(stat.lastIndexOf(')') + 2)[0];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** The content of a file of /proc; empty if the process has ended. */
export async function readOrEmpty(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
