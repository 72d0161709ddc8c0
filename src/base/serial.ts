/**
 * Returns a function that runs the work passed to it one at a time, in the order of the calls. Work that fails does not
 * prevent the work after it.
 */
export function serial(): <T>(work: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = tail.then(work, work);
    tail = result;
    return result;
  };
}
