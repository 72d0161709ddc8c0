/** The paths of a node in its own mount namespace: the usual ones, and short ones for sockets. */
export interface NodePaths {
  readonly containerdRoot: string;
  readonly containerdSocket: string;
  readonly kubeletRoot: string;
  readonly cniConfig: string;
  /** The node's folder on the host's disk. */
  readonly disk: string;
  /** The tools in the cache. */
  readonly tools: string;
}

export const nodePaths: NodePaths = {
  containerdRoot: '/var/lib/containerd',
  containerdSocket: '/run/containerd/containerd.sock',
  kubeletRoot: '/var/lib/kubelet',
  cniConfig: '/run/node/cni',
  disk: '/run/node',
  tools: '/run/tools',
};
