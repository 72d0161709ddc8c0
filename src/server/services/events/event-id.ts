/**
 * Ids of events: RESOURCEVERSION-PART, e.g. 48213-1. Resource versions of one kind only rise and are the same for all
 * who watch it, so that an id from one replica means the same on every other. (Kubernetes says since 1.35 that they
 * may be compared as numbers; etcd's revisions always could.)
 */
export interface Position {
  readonly version: number;
  readonly part: number;
}

/**
 * What one version says, in the order of telling. `numbers`: new samples, and snapshots, which are after all until then.
 * `endedUnseen`: found gone after the watch was down; nobody knows its version, so that it comes after all that is known.
 */
export const parts = { mode: 0, status: 1, ended: 2, numbers: 3, endedUnseen: 4 } as const;

/** The id of one that nobody can resume from: everything is told anew. */
export const unknownId = '0';

export function idOf({ version, part }: Position): string {
  return `${String(version)}-${String(part)}`;
}

/** undefined: no id of ours, or one to begin anew from. */
export function positionOf(id: string | undefined): Position | undefined {
  const [, version, part] = /^(\d{1,15})-(\d)$/.exec(id ?? '') ?? [];
  return version === undefined || part === undefined
    ? undefined
    : { version: Number(version), part: Number(part) };
}

export function isAfter(a: Position, b: Position): boolean {
  return a.version === b.version ? a.part > b.part : a.version > b.version;
}
