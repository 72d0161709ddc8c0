##@ Benchmarks
.PHONY: bench-api
bench-api: export ROUNDS := $(ROUNDS)
bench-api: export SECONDS := $(SECONDS)
bench-api: export RATE := $(RATE)
bench-api: export SUBSCRIBERS := $(SUBSCRIBERS)
bench-api: export CHANGES := $(CHANGES)
bench-api: $(NODE_MODULES) ## Reads of the service beside a bare fastify, latencies, 5,000 subscribers (ROUNDS, SECONDS, RATE, SUBSCRIBERS, CHANGES)
	@node test/bench/api.ts

##@ Tests
.PHONY: test-api-contract
test-api-contract: export API_CONTRACT_EXAMPLES := $(or $(EXAMPLES),200)
test-api-contract: $(NODE_MODULES) ## schemathesis against the service for long (EXAMPLES an operation)
	@node --experimental-vm-modules --no-warnings node_modules/jest/bin/jest.js --selectProjects integration --runInBand --testPathPatterns test/integration/server/rest-contract
