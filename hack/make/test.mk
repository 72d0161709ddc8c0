##@ Tests
# Tests use a separate cluster, so that a demo in the same checkout is not disturbed.
TEST_LOCAL := $(CURDIR)/.local/test
test test-e2e bench-start: export LIVECHANNEL_LOCAL := $(TEST_LOCAL)

.PHONY: test test-unit test-web test-integration test-e2e
test: $(NODE_MODULES) ## Everything: checks, unit, web, integration and end-to-end tests; ends with "N passed, N failed"
	@node hack/test/main.ts integration e2e --beside check unit web

test-unit: $(NODE_MODULES) ## Tests of single parts; a few of them encode video with FFmpeg (ONLY=test/unit/...)
	@node hack/test/main.ts unit $(if $(ONLY),-- $(ONLY))

test-web: $(NODE_MODULES) ## Tests of what runs in browsers, in jsdom (ONLY=test/web/...)
	@node hack/test/main.ts web $(if $(ONLY),-- $(ONLY))

test-integration: $(NODE_MODULES) ## Tests on a real API server, FFmpeg, nginx and Chromium of this machine (ONLY=test/integration/...)
	@node hack/test/main.ts integration $(if $(ONLY),-- $(ONLY))

test-e2e: $(NODE_MODULES) ## Tests on a real cluster, which is started for them (ONLY=test/e2e/...)
	@node hack/test/main.ts e2e $(if $(ONLY),-- $(ONLY))

