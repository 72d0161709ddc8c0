import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { tied } from '../system/tied.ts';

/**
 * Runs `work` while no other process of this machine holds the lock FILE.
 *
 * Node has no flock(2), so a child process holds the lock: flock runs `cat`, which ends when its input is closed, by
 * this process or by its death. A crash never leaves a lock behind. `onWait` is called once if another process holds
 * the lock.
 */
export async function withLock<T>(file: string, work: () => Promise<T>, onWait?: () => void): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  // Tied, since flock reads nothing while it waits for a lock.
  const holder = spawn(...tied('flock', [file, 'sh', '-c', 'echo locked; exec cat']), {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(holder, 'close');
  const waiting = onWait === undefined ? undefined : setTimeout(onWait, 500);
  try {
    const acquired = await Promise.race([
      once(holder.stdout, 'data').then(() => true),
      ended.then(() => false),
    ]);
    if (!acquired) throw new Error(`could not lock ${file}: flock ended with ${String(holder.exitCode)}`);
    clearTimeout(waiting);
    return await work();
  } finally {
    clearTimeout(waiting);
    holder.stdin.end();
    await ended;
  }
}
