##@ Benchmarks
.PHONY: bench-relay bench-density bench-soak bench-faults
export SECONDS PATHS HEIGHTS MINUTES SEED MOST ROUNDS FAULTS RESULTS

bench-relay: $(NODE_MODULES) build ## One stream by relay, MediaRecorder and x11grab: processor, memory, lost frames, delay (SECONDS, PATHS, HEIGHTS)
	@node test/bench/relay.ts

bench-density: $(NODE_MODULES) build ## How many 720p30 relays this machine carries before one loses frames (SECONDS, MOST)
	@node test/bench/density.ts

bench-soak: $(NODE_MODULES) build ## A random fault each minute: timeline, A/V offset, memory, processes (MINUTES, SEED)
	@node test/bench/soak.ts

bench-faults: $(NODE_MODULES) build ## Each fault that a relay has to outlive, many times (ROUNDS=100: hours; FAULTS=text in their names)
	@node test/bench/faults.ts
