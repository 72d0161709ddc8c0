import { isDeepStrictEqual } from 'node:util';
import type { ApplyOptions, KubeClient } from './client.ts';
import type { KubeObject, ResourceType, StatusOf } from './resource.ts';

/**
 * States the whole status by server-side apply, unless the object has it already; tells whether it wrote. What is
 * left out is taken back.
 * `object` may be old (from a store): at worst an equal status is written once more, or the write waits for the
 * reconcile that the newer state brings.
 * @throws ApiError isNotFound when the object is gone; it is never made anew.
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

/** Equal once they are JSON: a property that is undefined is none. */
export function sameOnTheWire(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(wire(a), wire(b));
}

function wire(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
