##@ Tools
TOOLS := hack/tools/main.ts

.PHONY: tools
tools: $(NODE_MODULES) ## Build the pinned Go tools (Kubernetes, etcd, helm, ...) into the cache
	@node $(TOOLS) build

.PHONY: tool-%
tool-%: $(NODE_MODULES) ## Build one program and print its path, e.g. make -s tool-kubectl
	@node $(TOOLS) path $*
