import { ownerRequest } from './owners.ts';
import type { Change, Reflector } from './reflector.ts';
import type { KubeObject, ObjectRef, ResourceType } from './resource.ts';
import { LOW_PRIORITY } from './workqueue.ts';

/** An object to look at, and how urgently: higher goes first, 0 is the default. */
export interface Request extends ObjectRef {
  readonly priority?: number | undefined;
}

/** What makes a controller look at an object. */
export interface Watch {
  attach(enqueue: (ref: ObjectRef, priority: number) => void): void;
  hasSynced(): boolean;
  synced(): Promise<unknown>;
  /** The requests that all present objects stand for; for resyncs. */
  all(): readonly ObjectRef[];
}

/** Only changes that this says true of count. */
export type Predicate<T extends KubeObject> = (change: Change<T>) => boolean;

/** The controller's own kind: each change asks for a look at the object. */
export function watchOwn<T extends KubeObject>(reflector: Reflector<T>, predicate?: Predicate<T>): Watch {
  return {
    ...watchMapped(reflector, ({ object }) => [refTo(object)], predicate),
    all: () => reflector.store.list().map(refTo),
  };
}

/** Children: each change asks for a look at the object that controls the child. */
export function watchOwned<T extends KubeObject, O extends KubeObject>(
  reflector: Reflector<T>,
  owner: ResourceType<O>,
  predicate?: Predicate<T>,
): Watch {
  const map = ({ object, previous }: Change<T>): Request[] =>
    // A child that changes hands concerns both.
    [previous, object].flatMap((each) => (each === undefined ? [] : (ownerRequest(each, owner) ?? [])));
  return watchMapped(reflector, map, predicate);
}

/** Anything else: `map` says which objects a change concerns. */
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
