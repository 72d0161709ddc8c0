import type { CallOptions, JsonPatch, KubeClient } from './client.ts';
import { ApiError } from './errors.ts';
import type { KubeObject, ResourceType } from './resource.ts';

/** Whether the object has the finalizer. */
export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) === true;
}

/**
 * Adds the finalizer to this object, identified by its UID. Returns its new state; undefined if it is gone or being
 * deleted (the API then accepts no new finalizer).
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

/** Removes the finalizer from this object, identified by its UID. Returns its new state; undefined if it is gone. */
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
  // There is no list to append to: create it, provided that the object has not changed in the meantime.
  if (metadata.finalizers === undefined || metadata.finalizers.length === 0)
    return [
      { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
      { op: 'add', path, value: [finalizer] },
    ];
  return [{ op: 'add', path: `${path}/-`, value: finalizer }];
}

function removing({ metadata }: KubeObject, finalizer: string): JsonPatch {
  const path = `/metadata/finalizers/${metadata.finalizers?.indexOf(finalizer) ?? 0}`;
  return [
    { op: 'test', path, value: finalizer },
    { op: 'remove', path },
  ];
}

const MAX_ATTEMPTS = 5;

/**
 * JSON patches with tests instead of server-side apply: they never create an object that is gone, they do not depend on
 * who owns the field, and they conflict only with changes of the list itself.
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
      if (!(error.isInvalid || error.isConflict) || tries === MAX_ATTEMPTS) throw error;
      current = await client.get(type, object.metadata, options);
    }
  }
}
