import { useCallback, useSyncExternalStore } from 'react';

/** A player, or a seller's view of a channel. */
interface SnapshotSource<T> {
  /** Calls `changed` after each change of the snapshot. Returns how to stop. */
  subscribe(changed: () => void): () => void;
  /** The same object until something changes. */
  snapshot(): T;
}

/** The current snapshot; the component renders again when it changes. */
export function useSnapshot<T>(source: SnapshotSource<T>): T {
  const subscribe = useCallback((changed: () => void) => source.subscribe(changed), [source]);
  const read = useCallback(() => source.snapshot(), [source]);
  return useSyncExternalStore(subscribe, read, read);
}
