##@ Lifecycles
.PHONY: test-lifecycle
test-lifecycle: export LIVECHANNEL_LOCAL := $(CURDIR)/.local/test
test-lifecycle: $(NODE_MODULES) ## 2,000 random lifecycles per platform with faults and crashes (PLATFORM, LIFECYCLES, SEED, ONLY, SCALE; docs/contribute/lifecycle.md)
	@node test/lifecycle/main.ts
