import type { NodePaths } from './node-paths.ts';

export const pauseImage = 'livechannel.dev/pause:1';

/** containerd's configuration for a node. Everything that it writes stays in the node's own folders. */
export function containerdConfig(paths: NodePaths, cniPlugins: string): string {
  return `version = 4
root = '${paths.containerdRoot}'
state = '/run/containerd'
# No configuration of a containerd on the host.
imports = []
disabled_plugins = ['io.containerd.snapshotter.v1.blockfile', 'io.containerd.snapshotter.v1.devmapper', 'io.containerd.snapshotter.v1.erofs', 'io.containerd.snapshotter.v1.zfs', 'io.containerd.tracing.processor.v1.otlp', 'io.containerd.internal.v1.tracing']

[plugins.'io.containerd.server.v1.grpc']
  address = '${paths.containerdSocket}'

[plugins.'io.containerd.internal.v1.opt']
  path = '/run/containerd/opt'

[plugins.'io.containerd.metadata.v1.bolt']
  # After a crash of the host, the images are loaded again.
  no_sync = true

[plugins.'io.containerd.nri.v1.nri']
  disable = true

[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '${pauseImage}'

[plugins.'io.containerd.cri.v1.runtime']
  # Where even root lacks CAP_SYS_RESOURCE, a lower score than that of the process itself is refused.
  restrict_oom_score_adj = true
  # A loaded profile would stay in the host's kernel.
  disable_apparmor = true

[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ['${cniPlugins}']
  conf_dir = '${paths.cniConfig}'
  use_internal_loopback = true
`;
}

/**
 * The pods' network: a veth pair from each pod to its node, which routes. There is no bridge, so no packet bypasses the
 * node's filter rules (kube-proxy's), as it would without the br_netfilter module.
 */
export function cniConfig(podRange: string, mtu: number): string {
  return JSON.stringify({
    cniVersion: '1.0.0',
    name: 'livechannel',
    plugins: [
      {
        type: 'ptp',
        mtu,
        ipam: {
          type: 'host-local',
          dataDir: '/run/cni-addresses',
          ranges: [[{ subnet: podRange }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  });
}
