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
  /** Starts the cluster and writes its kubeconfig. Does nothing if the cluster is up already. */
  up(options: UpOptions): Promise<void>;
  /** Removes the cluster without leaving anything behind. Does nothing if there is no cluster. */
  down(): Promise<void>;
  /** Lines that describe the state of the cluster. Fails if it is not up. */
  status(): Promise<string[]>;
  /** Makes the images of these archives available to pods, without a registry. */
  loadImages(archives: readonly string[]): Promise<void>;
}

export interface ClusterContext {
  readonly folders: Folders;
  readonly report: Report;
}

/** The file that `up` writes the credentials to, for every kind of cluster. */
export function kubeconfigPath(folders: Folders): string {
  return join(folders.local, 'kubeconfig');
}

export const clusterKinds = ['local', 'kind', 'current'] as const;
export type ClusterKind = (typeof clusterKinds)[number];

/** What `up` records for later commands. */
const stateSchema = z.object({
  kind: z.enum(clusterKinds),
  nodes: z.number().int().positive(),
  /** Whether everything was started. Otherwise `up` was interrupted. */
  complete: z.boolean(),
});
export type ClusterState = z.infer<typeof stateSchema>;

const statePath = (folders: Folders) => join(clusterFolder(folders.local), 'state.json');

export async function readState(folders: Folders): Promise<ClusterState | undefined> {
  let text: string;
  try {
    text = await readFile(statePath(folders), 'utf8');
  } catch {
    return undefined; // Without the file, no cluster is up.
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
