##@ Development cluster
CLUSTER_MAIN := hack/cluster/main.ts
# Number of nodes, and the kind of cluster: local, kind or current (docs/contribute/development-cluster.md).
export NODES
export CLUSTER

.PHONY: cluster-up
cluster-up: $(NODE_MODULES) ## Start a real Kubernetes on this machine (NODES=2, CLUSTER=kind|current)
	@node $(CLUSTER_MAIN) up

.PHONY: cluster-down
cluster-down: $(NODE_MODULES) ## Stop and remove it (ALL=1: also those of other checkouts)
	@node $(CLUSTER_MAIN) down $(if $(ALL),--all)

.PHONY: cluster-status
cluster-status: $(NODE_MODULES) ## Print the state of the cluster
	@node $(CLUSTER_MAIN) status

.PHONY: kubeconfig
kubeconfig: $(NODE_MODULES) ## Print the path of the kubeconfig: export KUBECONFIG=$(make -s kubeconfig)
	@node $(CLUSTER_MAIN) kubeconfig
