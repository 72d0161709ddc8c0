/** Gives a function that runs what it is given one after another, in the order of the calls. */
export function serial(): <T>(work: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = tail.then(work, work);
    tail = result;
    return result;
  };
}
