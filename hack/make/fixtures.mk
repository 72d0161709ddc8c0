##@ Fixtures
.PHONY: fixtures
fixtures: $(NODE_MODULES) ## Fixture servers for the APIs of the clouds, with real media; prints what to apply (FLAGS="--host 10.0.0.1", --help)
	@exec node test/fixtures/clouds/main.ts $(FLAGS)
