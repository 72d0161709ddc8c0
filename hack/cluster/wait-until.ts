/** Thrown by a probe when the condition can no longer become true. */
export class WillNotHappenError extends Error {
  override readonly name = 'WillNotHappenError';
}

/**
 * Calls `probe` repeatedly until it returns something other than undefined. An error of the probe means "not yet",
 * unless it is a WillNotHappenError; the last one is part of the message when time is up.
 */
export async function waitUntil<T>(
  what: string,
  deadlineMs: number,
  probe: () => Promise<T | undefined> | T | undefined,
  everyMs = 50,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  let last: unknown = 'nothing yet';
  while (performance.now() < end) {
    try {
      const result = await probe();
      if (result !== undefined) return result;
    } catch (error) {
      if (error instanceof WillNotHappenError) throw error;
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  throw new Error(`${what}: not within ${String(deadlineMs / 1000)} s (last: ${String(last)})`);
}
