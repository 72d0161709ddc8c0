import { dirname } from 'node:path';
import { ensureTool } from '../tools/build.ts';
import type { ClusterContext } from './cluster.ts';

/** The folders of the tools that a local cluster needs. */
export interface LocalTools {
  readonly etcd: string;
  readonly kubernetes: string;
  readonly containerd: string;
  readonly pause: string;
  readonly coredns: string;
}

/** Builds the tools that have not been built yet. */
export async function ensureLocalTools({ folders, report }: ClusterContext): Promise<LocalTools> {
  return {
    etcd: dirname(await ensureTool(folders, 'etcd', report)),
    kubernetes: dirname(await ensureTool(folders, 'kubernetes', report, 'kubelet')),
    containerd: dirname(await ensureTool(folders, 'containerd', report)),
    pause: dirname(await ensureTool(folders, 'pause', report)),
    coredns: dirname(await ensureTool(folders, 'coredns', report)),
  };
}
