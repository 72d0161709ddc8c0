##@ Benchmarks
.PHONY: bench-relay bench-density bench-soak
export SECONDS PATHS HEIGHTS MINUTES SEED MOST ROUNDS

bench-relay: $(NODE_MODULES) build ## One stream by relay, MediaRecorder and x11grab: processor, memory, lost frames, delay (SECONDS, PATHS, HEIGHTS)
	@node test/bench/relay.ts

bench-density: $(NODE_MODULES) build ## How many 720p30 relays this machine carries before one loses frames (SECONDS, MOST)
	@node test/bench/density.ts

bench-soak: $(NODE_MODULES) build ## A random fault each minute: timeline, A/V offset, memory, processes (MINUTES, SEED)
	@node test/bench/soak.ts

.PHONY: test-faults
test-faults: export ROUNDS := $(or $(ROUNDS),100)
test-faults: $(NODE_MODULES) ## Each fault that a relay has to outlive, many times (ROUNDS=100; hours)
	@node --experimental-vm-modules --no-warnings node_modules/jest/bin/jest.js --selectProjects integration \
		--runInBand --testPathPatterns test/integration/relay/staying-up
