import type { NodePaths } from './node-paths.ts';

export interface KubeletOptions {
  readonly address: string;
  readonly dnsAddress: string;
  readonly cgroup: string;
  /** Paths as the node sees them. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  readonly resolvConf: string;
}

/** kubelet's configuration (JSON is YAML): the defaults of Kubernetes, except where a development machine differs. */
export function kubeletConfig(paths: NodePaths, options: KubeletOptions): string {
  return JSON.stringify(
    {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      address: options.address,
      healthzBindAddress: '127.0.0.1',
      authentication: {
        anonymous: { enabled: false },
        webhook: { enabled: true },
        x509: { clientCAFile: options.authority },
      },
      authorization: { mode: 'Webhook' },
      tlsCertFile: options.certificate,
      tlsPrivateKeyFile: options.key,
      clusterDomain: 'cluster.local',
      clusterDNS: [options.dnsAddress],
      resolvConf: options.resolvConf,
      containerRuntimeEndpoint: `unix://${paths.containerdSocket}`,
      cgroupDriver: 'cgroupfs',
      cgroupRoot: options.cgroup,
      failCgroupV1: false,
      failSwapOn: false,
      // Do not evict pods because a development machine has a full disk or little memory.
      evictionHard: {
        'memory.available': '50Mi',
        'nodefs.available': '0%',
        'nodefs.inodesFree': '0%',
        'imagefs.available': '0%',
        'imagefs.inodesFree': '0%',
      },
      imageGCHighThresholdPercent: 100,
      oomScoreAdj: 0,
      volumePluginDir: `${paths.kubeletRoot}/volume-plugins`,
    },
    undefined,
    2,
  );
}
