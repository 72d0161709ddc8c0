import { removeCgroups, taggedCgroups } from './cgroups.ts';
import { identityFromId, idIn, type Identity } from './identity.ts';
import { killMachines } from './machine.ts';
import { listLinks, removeNetwork } from './network.ts';
import { listProcesses } from './processes.ts';

/** Ends a cluster's machines and removes its resources in the host's kernel. Needs none of its files. */
export async function removeFromKernel(identity: Identity): Promise<void> {
  await killMachines(identity);
  await removeNetwork(identity);
  await removeCgroups(identity);
}

/**
 * Every local cluster that has resources on this machine, also those of other checkouts, which may have been deleted.
 */
export async function findClusters(): Promise<Identity[]> {
  const [processes, links, groups] = await Promise.all([listProcesses(), listLinks(), taggedCgroups()]);
  const names = [
    ...processes.map(({ args }) => args.at(-2) ?? ''),
    ...links.map(({ ifname }) => ifname),
    ...groups,
  ];
  const ids = new Set(names.flatMap((name) => idIn(name) ?? []));
  return [...ids].map(identityFromId);
}
