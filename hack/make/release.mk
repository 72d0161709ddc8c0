##@ Release
.PHONY: release
release: export DRY_RUN := $(DRY_RUN)
release: $(NODE_MODULES) ## Commit and tag a release in this clone (VERSION=x.y.z, DRY_RUN=1, FLAGS=--help)
	@node hack/release/main.ts $(VERSION) $(FLAGS)
