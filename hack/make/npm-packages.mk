##@ npm packages
.PHONY: client-package player-package
client-package: $(NODE_MODULES) ## Pack @livechannel/client into .local/client-package, and print where
	@node hack/npm-package/main.ts client

player-package: $(NODE_MODULES) ## Pack @livechannel/react into .local/player-package, and print where
	@node hack/npm-package/main.ts player
