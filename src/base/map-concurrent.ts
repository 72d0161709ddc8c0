/**
 * Runs `work` for each item, `width` at a time. Rejects with the first error; the other workers then continue with the
 * remaining items in the background.
 */
export async function mapConcurrent<T>(
  items: Iterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
