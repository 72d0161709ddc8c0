export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
}

/** Waits for `work` no longer than `limitMs`. @throws TimeLimitError that says `what` has not come about; the work goes on unseen. */
export async function withinLimit<T>(what: string, limitMs: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new TimeLimitError(`${what}: nothing within ${limitMs / 1_000} s.`)),
      limitMs,
    );
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
