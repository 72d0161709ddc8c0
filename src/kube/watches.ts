import { ownerRequest } from './owners.ts';
import type { Change, Reflector } from './reflector.ts';
import type { KubeObject, ObjectRef, ResourceType } from './resource.ts';
import { LOW_PRIORITY } from './workqueue.ts';

/** An object to reconcile, and its priority: higher goes first. Default 0; for the first list, LOW_PRIORITY. */
export interface Request extends ObjectRef {
  readonly priority?: number | undefined;
}

/** A source of requests for a controller. */
export interface Watch {
  attach(enqueue: (ref: ObjectRef, priority: number) => void): void;
  hasSynced(): boolean;
  synced(): Promise<unknown>;
  /** The requests for all existing objects, for resyncs. */
  all(): readonly ObjectRef[];
}

/** Changes for which it returns false are ignored. */
export type Predicate<T extends KubeObject> = (change: Change<T>) => boolean;

/** Watches the controller's own kind: each change requests a reconcile of the object. */
export function watchFor<T extends KubeObject>(reflector: Reflector<T>, predicate?: Predicate<T>): Watch {
  return {
    ...watchMapped(reflector, ({ object }) => [refTo(object)], predicate),
    all: () => reflector.store.list().map(refTo),
  };
}

/** Watches children: each change requests a reconcile of the object that controls the child. */
export function watchOwns<T extends KubeObject, O extends KubeObject>(
  reflector: Reflector<T>,
  owner: ResourceType<O>,
  predicate?: Predicate<T>,
): Watch {
  const map = ({ object, previous }: Change<T>): Request[] =>
    // If a child's controller changes, both are reconciled.
    [previous, object].flatMap((each) => (each === undefined ? [] : (ownerRequest(each, owner) ?? [])));
  return watchMapped(reflector, map, predicate);
}

/** Watches any other kind: `map` returns the objects to reconcile after a change. */
export function watchMapped<T extends KubeObject>(
  reflector: Reflector<T>,
  map: (change: Change<T>) => readonly Request[],
  predicate: Predicate<T> = () => true,
): Watch {
  return {
    attach(enqueue) {
      reflector.subscribe((change) => {
        if (!predicate(change)) return;
        for (const { priority = change.initial ? LOW_PRIORITY : 0, ...ref } of map(change))
          enqueue(ref, priority);
      });
    },
    hasSynced: () => reflector.hasSynced,
    synced: () => reflector.synced(),
    all: () => [],
  };
}

function refTo({ metadata }: KubeObject): ObjectRef {
  return { namespace: metadata.namespace, name: metadata.name };
}
