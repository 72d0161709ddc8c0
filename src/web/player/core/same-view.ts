/** Whether two plain values (of numbers, texts, arrays and objects of these) say the same. */
export function isSameView(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => isSameView(left[key], right[key]));
}

/** `next`, with each member that says the same as before being the same object: a control reads only what has changed. */
export function withSameParts<T extends object>(next: T, before: T): T {
  const shared = { ...next };
  for (const key of keysOf(next)) if (isSameView(next[key], before[key])) shared[key] = before[key];
  return shared;
}

function keysOf<T extends object>(value: T): (keyof T)[] {
  return Object.keys(value) as (keyof T)[]; // plain data: its own keys are those of its type
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
