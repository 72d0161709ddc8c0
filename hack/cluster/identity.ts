import { createHash } from 'node:crypto';
import { join } from 'node:path';

/**
 * The identity of a cluster. Every name that it uses in the kernel is derived from the id alone, so it can be found and
 * removed even if its files are lost.
 */
export interface Identity {
  /** 8 hexadecimal digits, the same for the same folder. */
  readonly id: string;
  /** In the arguments of every machine's first process, and the name of the control groups. */
  readonly tag: string;
  /** An interface's name has at most 15 characters. */
  readonly bridge: string;
  readonly chain: string;
  /** The end of a machine's veth pair that is attached to the bridge. */
  cable(machine: number): string;
}

const tagPrefix = 'livechannel-';

/** The identity of the cluster whose files are under that folder (LIVECHANNEL_LOCAL). */
export function identityOf(localFolder: string): Identity {
  return identityFromId(createHash('sha256').update(localFolder).digest('hex').slice(0, 8));
}

export function identityFromId(id: string): Identity {
  return {
    id,
    tag: `${tagPrefix}${id}`,
    bridge: `lc-${id}`,
    chain: `LIVECHANNEL-${id}`,
    cable: (machine) => `lc-${id}-${String(machine)}`,
  };
}

/** The id in a tag or a bridge's name; undefined if it is neither. */
export function idIn(name: string): string | undefined {
  return /^(?:livechannel-|lc-)([0-9a-f]{8})$/.exec(name)?.[1];
}

/** Where a cluster keeps its files. */
export function clusterFolder(localFolder: string): string {
  return join(localFolder, 'cluster');
}
