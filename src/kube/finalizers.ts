import type { CallOptions, JsonPatch, KubeClient } from './client.ts';
import { ApiError } from './errors.ts';
import type { KubeObject, ResourceType } from './resource.ts';

export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) === true;
}

/**
 * Puts the finalizer on this very object. Gives it as it is now; undefined when it is gone or being deleted (the API
 * takes no new finalizer then).
 */
export async function addFinalizer<T extends KubeObject>(
  client: Pick<KubeClient, 'get' | 'patchJson'>,
  type: ResourceType<T>,
  object: T,
  finalizer: string,
  options: CallOptions = {},
): Promise<T | undefined> {
  return patchFinalizers(client, type, object, options, (current) => {
    if (current.metadata.deletionTimestamp !== undefined) return 'gone';
    return hasFinalizer(current, finalizer) ? 'done' : adding(current, finalizer);
  });
}

/** Takes the finalizer off this very object. Gives it as it is now; undefined when it is gone. */
export async function removeFinalizer<T extends KubeObject>(
  client: Pick<KubeClient, 'get' | 'patchJson'>,
  type: ResourceType<T>,
  object: T,
  finalizer: string,
  options: CallOptions = {},
): Promise<T | undefined> {
  return patchFinalizers(client, type, object, options, (current) =>
    hasFinalizer(current, finalizer) ? removing(current, finalizer) : 'done',
  );
}

function adding({ metadata }: KubeObject, finalizer: string): JsonPatch {
  const path = '/metadata/finalizers';
  // Nothing to append to: the list is made, and only if nobody else changed the object meanwhile.
  if (metadata.finalizers === undefined || metadata.finalizers.length === 0)
    return [
      { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
      { op: 'add', path, value: [finalizer] },
    ];
  return [{ op: 'add', path: `${path}/-`, value: finalizer }];
}

function removing({ metadata }: KubeObject, finalizer: string): JsonPatch {
  const path = `/metadata/finalizers/${String(metadata.finalizers?.indexOf(finalizer) ?? 0)}`;
  return [
    { op: 'test', path, value: finalizer },
    { op: 'remove', path },
  ];
}

const TRIES = 5;

/**
 * JSON patches with tests, and not server-side apply: they never make an object that is gone, they don't depend on
 * who owns the field, and they collide with nothing but changes of the list itself.
 */
async function patchFinalizers<T extends KubeObject>(
  client: Pick<KubeClient, 'get' | 'patchJson'>,
  type: ResourceType<T>,
  object: T,
  options: CallOptions,
  decide: (current: T) => JsonPatch | 'done' | 'gone',
): Promise<T | undefined> {
  const { uid } = object.metadata;
  let current: T | undefined = object;
  for (let tries = 1; ; tries += 1) {
    if (current?.metadata.uid !== uid) return undefined;
    const patch = decide(current);
    if (patch === 'done') return current;
    if (patch === 'gone') return undefined;
    try {
      const sameObject = { op: 'test', path: '/metadata/uid', value: uid } as const;
      return await client.patchJson(type, current.metadata, [sameObject, ...patch], options);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.isNotFound) return undefined;
      if (!(error.isInvalid || error.isConflict) || tries === TRIES) throw error;
      current = await client.get(type, object.metadata, options);
    }
  }
}
