##@ Client package
.PHONY: client-package
client-package: $(NODE_MODULES) ## Pack @livechannel/client into .local/client-package, and print where
	@node hack/client-package/main.ts
