import { isDeepStrictEqual } from 'node:util';
import type { ApplyOptions, KubeClient } from './client.ts';
import type { KubeObject, ResourceType, StatusOf } from './resource.ts';

/**
 * Applies the whole status with server-side apply, unless the object has it already. Fields that were applied before
 * and are absent now are removed. Returns whether it wrote.
 * `object` may be old (from a store): at worst, an equal status is written again, or a needed write waits for the
 * reconcile that the newer state triggers.
 * @throws ApiError with `isNotFound` if the object is gone; it is never created again
 */
export async function writeStatus<T extends KubeObject & { readonly status?: unknown }>(
  client: Pick<KubeClient, 'applyStatus'>,
  type: ResourceType<T>,
  object: T,
  status: StatusOf<T>,
  options: ApplyOptions = {},
): Promise<boolean> {
  if (sameOnTheWire(object.status ?? {}, status)) return false;
  const { namespace, name, uid } = object.metadata;
  await client.applyStatus(type, { metadata: { namespace, name, uid }, status }, options);
  return true;
}

/** Whether both are equal as JSON: a property that is undefined counts as absent. */
export function sameOnTheWire(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(wire(a), wire(b));
}

function wire(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
