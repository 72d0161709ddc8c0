##@ Tests
.PHONY: test-api-contract
test-api-contract: export API_CONTRACT_EXAMPLES := $(or $(EXAMPLES),200)
test-api-contract: $(NODE_MODULES) ## schemathesis against the service for long (EXAMPLES an operation)
	@node hack/test/main.ts api-contract
