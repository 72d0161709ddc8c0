##@ Benchmarks
.PHONY: bench-api
bench-api: export ROUNDS := $(ROUNDS)
bench-api: export SECONDS := $(SECONDS)
bench-api: export RATE := $(RATE)
bench-api: export SUBSCRIBERS := $(SUBSCRIBERS)
bench-api: export CHANGES := $(CHANGES)
bench-api: $(NODE_MODULES) ## Reads of the service beside a bare fastify, latencies, 5,000 subscribers (ROUNDS, SECONDS, RATE, SUBSCRIBERS, CHANGES)
	@node test/bench/api.ts
