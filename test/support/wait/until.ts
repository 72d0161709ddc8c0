import { setTimeout as pause } from 'node:timers/promises';

/** Waits until `condition` gives something true and returns it; fails after `seconds` with what was waited for. */
export async function until<T>(
  what: string,
  condition: () => Promise<T> | T,
  seconds = 30,
): Promise<Exclude<T, false | undefined | null>> {
  const deadline = performance.now() + seconds * 1_000;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== undefined && value !== null) {
      return value as Exclude<T, false | undefined | null>; // what is left after the check
    }
    if (performance.now() > deadline) throw new Error(`Waited ${String(seconds)} s in vain until ${what}.`);
    await pause(50);
  }
}
