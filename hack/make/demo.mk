##@ Demo
export AGORA_APP_ID AGORA_APP_CERTIFICATE AGORA_CHANNEL LIVECHANNEL_DEMO_PICTURE

.PHONY: demo demo-down ready-cluster cluster-tools
demo: $(NODE_MODULES) ready-cluster ## Start everything up to a LiveChannel on air; stays up until demo-down
	@node hack/demo/main.ts up

demo-down: $(NODE_MODULES) ## Stop the demo, and remove the cluster that it ran on
	@if node $(CLUSTER_MAIN) status >/dev/null 2>&1; then node hack/demo/main.ts down; fi
	@$(MAKE) cluster-down

# Compiling the tools and building the images wait for different resources: together they finish sooner.
ready-cluster: $(NODE_MODULES)
	@$(MAKE) -j2 cluster-tools images
	@$(MAKE) cluster-up
	@node hack/demo/main.ts load

cluster-tools: $(NODE_MODULES)
	@node $(TOOLS) build kubernetes etcd containerd coredns helm
