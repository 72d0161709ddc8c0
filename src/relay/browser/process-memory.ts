import { readFile } from 'node:fs/promises';

/**
 * Total anonymous memory of the processes in MiB (proc(5), RssAnon): memory of these processes only, which cannot be
 * read back from files.
 */
export async function anonymousMemoryMiB(pids: readonly number[]): Promise<number> {
  const sizes = await Promise.all(pids.map(anonymousKiB));
  return sizes.reduce((sum, size) => sum + size, 0) / 1_024;
}

async function anonymousKiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''); // it may have ended
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
}
