##@ Benchmarks
.PHONY: bench-recorder
bench-recorder: export CHANNELS := $(CHANNELS)
bench-recorder: export SECONDS := $(SECONDS)
bench-recorder: export AWAY := $(AWAY)
bench-recorder: $(NODE_MODULES) ## 5,000 channels sampled each 10 s into a real PostgreSQL: processor, memory, rows a second (CHANNELS, SECONDS, AWAY)
	@node --expose-gc test/bench/recorder.ts
