/**
 * Position of an event; its id is RESOURCEVERSION-PART, e.g. 48213-1. Resource versions of a kind increase monotonically
 * and are the same for all watchers, so an id has the same meaning on every replica. (Since 1.35, Kubernetes documents
 * that they can be compared as numbers; etcd's revisions always could.)
 */
export interface Position {
  readonly version: number;
  readonly part: number;
}

/**
 * Events of one resource version, in the order of delivery. `numbers`: new samples and snapshots, which follow all events
 * up to that version. `endedUnseen`: the deletion was noticed only after an interruption of the watch; its version is
 * unknown, so it follows everything that is known.
 */
export const parts = { mode: 0, status: 1, ended: 2, numbers: 3, endedUnseen: 4 } as const;

/** An id that cannot be resumed from: the subscriber receives snapshots. */
export const UNKNOWN_ID = '0';

export function idOf({ version, part }: Position): string {
  return `${version}-${part}`;
}

/** Position of an id; undefined: UNKNOWN_ID, or not an id of this service. */
export function positionOf(id: string | undefined): Position | undefined {
  const [, version, part] = /^(\d{1,15})-(\d)$/.exec(id ?? '') ?? [];
  return version === undefined || part === undefined
    ? undefined
    : { version: Number(version), part: Number(part) };
}

/** Whether `a` is delivered after `b`. */
export function isAfter(a: Position, b: Position): boolean {
  return a.version === b.version ? a.part > b.part : a.version > b.version;
}
