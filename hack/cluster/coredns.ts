/** Objects that are created before the first node joins: the RBAC rules of the cluster's own components. */
export const bootstrapManifest = JSON.stringify({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    // kubectl logs and exec: the API server connects to kubelets.
    binding('livechannel:kubelet-api', 'system:kubelet-api-admin', 'kube-apiserver-kubelet-client'),
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'system:coredns' },
      rules: [
        {
          apiGroups: [''],
          resources: ['services', 'pods', 'namespaces'],
          verbs: ['list', 'watch'],
        },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    },
    binding('system:coredns', 'system:coredns', 'system:coredns'),
  ],
});

function binding(name: string, role: string, user: string): unknown {
  const apiGroup = 'rbac.authorization.k8s.io';
  return {
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup, kind: 'User', name: user }],
  };
}

/**
 * CoreDNS's configuration: names of the cluster come from the API server (also those of pods, as in
 * 10-1-0-5.default.pod.cluster.local), all others from the host's own resolvers. It runs on the host, so that it can
 * also query resolvers on the host's loopback.
 */
export function corefile(address: string, kubeconfig: string, hostResolvConf: string): string {
  const hasResolvers = /^\s*nameserver\s/m.test(hostResolvConf);
  return `.:53 {
  bind ${address}
  errors
  ready ${address}:8181
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${kubeconfig}
    pods insecure
    ttl 1
    fallthrough in-addr.arpa
  }
  ${hasResolvers ? 'forward . /etc/resolv.conf' : '# The host has no resolvers to forward to.'}
  cache 30 {
    disable success cluster.local
    disable denial cluster.local
  }
}
`;
}
