import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Report } from '../tools/report.ts';
import type { Folders } from '../tools/folders.ts';
import { clusterFolder } from './identity.ts';

export interface UpOptions {
  readonly nodes: number;
}

/** A kind of cluster that developers and tests can use. */
export interface Cluster {
  /** Ends with a kubeconfig whose cluster answers. Does nothing where the cluster is up already. */
  up(options: UpOptions): Promise<void>;
  /** Leaves nothing behind. Does nothing where there is nothing. */
  down(): Promise<void>;
  /** Lines that say how the cluster is. Fails where it isn't up. */
  status(): Promise<string[]>;
  /** Makes the images of these archives usable by pods, without a registry. */
  loadImages(archives: readonly string[]): Promise<void>;
}

export interface ClusterContext {
  readonly folders: Folders;
  readonly report: Report;
}

/** The file that `up` writes the credentials to, whichever the kind. */
export function kubeconfigPath(folders: Folders): string {
  return join(folders.local, 'kubeconfig');
}

export const clusterKinds = ['local', 'kind', 'current'] as const;
export type ClusterKind = (typeof clusterKinds)[number];

/** What `up` remembers for the commands after it. */
const stateSchema = z.object({
  kind: z.enum(clusterKinds),
  nodes: z.number().int().positive(),
  /** Whether everything was started; else `up` was broken off. */
  complete: z.boolean(),
});
export type ClusterState = z.infer<typeof stateSchema>;

const statePath = (folders: Folders) => join(clusterFolder(folders.local), 'state.json');

export async function readState(folders: Folders): Promise<ClusterState | undefined> {
  let text: string;
  try {
    text = await readFile(statePath(folders), 'utf8');
  } catch {
    return undefined; // No file: nothing is up.
  }
  const parsed = stateSchema.safeParse(JSON.parse(text || '{}'));
  return parsed.success ? parsed.data : undefined;
}

export async function writeState(folders: Folders, state: ClusterState): Promise<void> {
  await mkdir(clusterFolder(folders.local), { recursive: true });
  await writeFile(statePath(folders), `${JSON.stringify(state, undefined, 2)}\n`);
}

/** Removes all files of the cluster, and its kubeconfig. */
export async function forgetCluster(folders: Folders): Promise<void> {
  await rm(clusterFolder(folders.local), { recursive: true, force: true });
  await rm(kubeconfigPath(folders), { force: true });
}
