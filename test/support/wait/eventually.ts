import { setTimeout as pause } from 'node:timers/promises';
import { WillNotHappenError } from '../../../hack/cluster/wait-until.ts';

/** A probe that takes longer than the interval is repeated after as long a pause, but not after a longer one. */
const LONGEST_PAUSE_MS = 250;

/**
 * Waits for something to happen: calls `probe` until it returns something other than undefined, null or false, and
 * returns that. An error of the probe means "not yet", unless it is a WillNotHappenError, which ends the wait: throw
 * one when, for example, the process that is to answer has exited.
 *
 * Fails after `seconds`. The message names what was waited for and has the last error of the probe, so a probe may
 * throw what it saw instead.
 *
 * @example
 * const playlist = await eventually('the playlist has segments', 30, () => fetchPlaylist(url));
 */
export async function eventually<T>(
  what: string,
  seconds: number,
  probe: () => Promise<T> | T,
  { everyMs = 50 }: { readonly everyMs?: number } = {},
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = performance.now() + seconds * 1_000;
  let lastError: unknown = 'none';
  for (;;) {
    const began = performance.now();
    try {
      const value = await probe();
      if (value !== undefined && value !== null && value !== false) {
        return value as Exclude<T, undefined | null | false>; // what is left after the check
      }
    } catch (error) {
      if (error instanceof WillNotHappenError) throw error;
      lastError = error;
    }
    const now = performance.now();
    if (now > deadline) {
      throw new Error(`${what}: not within ${String(seconds)} s (last error: ${String(lastError)})`, {
        cause: lastError,
      });
    }
    await pause(Math.max(everyMs, Math.min(now - began, LONGEST_PAUSE_MS)));
  }
}
