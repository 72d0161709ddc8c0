/**
 * The Go programs that the developer's tools need, each pinned. They are built from source because the Go module proxy
 * is the one source of all of them, verified by the public checksum database.
 */

/** The package of a program and the name of its file once built. */
export interface Binary {
  readonly name: string;
  readonly package: string;
}

export interface Tool {
  readonly name: string;
  /** Part of the cache key: a tool is built again only if this changes. */
  readonly version: string;
  /**
   * `module`: a folder beside this file whose go.mod and go.sum pin everything.
   * `install`: the module's own go.mod pins its dependencies ("go install PACKAGE@VERSION").
   */
  readonly source: 'module' | 'install';
  readonly binaries: readonly Binary[];
  readonly ldflags?: string;
  /** Duration of a cold build on two cores, for the progress line. */
  readonly minutes: number;
}

// renovate: datasource=go depName=k8s.io/kubernetes
const kubernetesVersion = '1.37.2';

export const tools = [
  {
    name: 'etcd',
    // renovate: datasource=go depName=go.etcd.io/etcd/server/v3
    version: '3.6.8',
    source: 'module',
    binaries: [{ name: 'etcd', package: 'go.etcd.io/etcd/server/v3' }],
    minutes: 0.5,
  },
  {
    name: 'kubernetes',
    version: kubernetesVersion,
    source: 'module',
    binaries: [
      'kube-apiserver',
      'kube-controller-manager',
      'kube-scheduler',
      'kubelet',
      'kube-proxy',
      'kubectl',
    ].map((name) => ({ name, package: `k8s.io/kubernetes/cmd/${name}` })),
    ldflags: `-X k8s.io/component-base/version.gitVersion=v${kubernetesVersion}`,
    minutes: 8,
  },
  {
    name: 'containerd',
    // renovate: datasource=go depName=github.com/containerd/containerd/v2
    version: '2.4.2',
    source: 'install',
    binaries: ['containerd', 'containerd-shim-runc-v2', 'ctr'].map((name) => ({
      name,
      package: `github.com/containerd/containerd/v2/cmd/${name}`,
    })),
    minutes: 1,
  },
  {
    name: 'pause',
    version: '1',
    source: 'module',
    binaries: [{ name: 'pause', package: 'livechannel.dev/hack/tools/pause' }],
    minutes: 0.1,
  },
  {
    name: 'probe',
    version: '1',
    source: 'module',
    binaries: [{ name: 'probe', package: 'livechannel.dev/hack/tools/probe' }],
    minutes: 0.2,
  },
  {
    name: 'coredns',
    // renovate: datasource=go depName=github.com/coredns/coredns
    version: '1.15.0',
    source: 'install',
    binaries: [{ name: 'coredns', package: 'github.com/coredns/coredns' }],
    minutes: 2,
  },
  {
    name: 'helm',
    // renovate: datasource=go depName=helm.sh/helm/v4
    version: '4.3.1',
    source: 'install',
    binaries: [{ name: 'helm', package: 'helm.sh/helm/v4/cmd/helm' }],
    minutes: 2,
  },
  {
    name: 'kubeconform',
    // renovate: datasource=go depName=github.com/yannh/kubeconform
    version: '0.8.0',
    source: 'install',
    binaries: [{ name: 'kubeconform', package: 'github.com/yannh/kubeconform/cmd/kubeconform' }],
    minutes: 0.1,
  },
  {
    name: 'toxiproxy',
    // renovate: datasource=go depName=github.com/Shopify/toxiproxy/v2
    version: '2.5.0',
    source: 'install',
    binaries: [{ name: 'toxiproxy', package: 'github.com/Shopify/toxiproxy/v2/cmd/server' }],
    minutes: 0.2,
  },
  {
    name: 'kwok',
    // renovate: datasource=go depName=sigs.k8s.io/kwok
    version: '0.8.0',
    source: 'install',
    binaries: [{ name: 'kwok', package: 'sigs.k8s.io/kwok/cmd/kwok' }],
    minutes: 1,
  },
] as const satisfies readonly Tool[];

export type ToolName = (typeof tools)[number]['name'];

/** The tool of that name. Throws an error that lists the known names. */
export function findTool(name: string): Tool {
  const tool = tools.find((candidate) => candidate.name === name);
  if (tool === undefined) {
    throw new Error(`no tool is called "${name}"; there are: ${tools.map((known) => known.name).join(', ')}`);
  }
  return tool;
}
