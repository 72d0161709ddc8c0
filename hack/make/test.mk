##@ Tests
# Tests use a separate cluster, so that a demo in the same checkout is not disturbed.
TEST_LOCAL := $(CURDIR)/.local/test
test test-e2e bench-start: export LIVECHANNEL_LOCAL := $(TEST_LOCAL)

.PHONY: test test-unit test-integration test-e2e
test: $(NODE_MODULES) ## Everything: checks, unit, integration and end-to-end tests; ends with "N passed, N failed"
	@node hack/test/main.ts check unit integration e2e

test-unit: $(NODE_MODULES) ## Tests of single parts; a few of them encode video with FFmpeg (ONLY=test/unit/...)
	@node hack/test/main.ts unit $(if $(ONLY),-- $(ONLY))

test-integration: $(NODE_MODULES) ## Tests on a real API server, FFmpeg, nginx and Chromium of this machine (ONLY=test/integration/...)
	@node hack/test/main.ts integration $(if $(ONLY),-- $(ONLY))

test-e2e: $(NODE_MODULES) ## Tests on a real cluster, which is started for them (ONLY=test/e2e/...)
	@node hack/test/main.ts e2e $(if $(ONLY),-- $(ONLY))

