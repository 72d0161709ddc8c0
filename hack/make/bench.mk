##@ Benchmarks
# Each installs what it needs, ends everything that it has started, and writes bench-results/NAME.json. Variables
# are given like SECONDS=3; FLAGS=--help explains them. A test checks that each file of test/bench has its target here.
BENCHMARKS := bench-api bench-dashboard bench-density bench-faults bench-platforms bench-player bench-player-soak bench-recorder bench-relay bench-soak bench-start
.PHONY: $(BENCHMARKS)

bench-api: $(NODE_MODULES) ## Reads of the service beside a bare fastify, latencies, 5,000 subscribers (ROUNDS, SECONDS, RATE, SUBSCRIBERS, CHANGES)
	@node test/bench/api.ts $(FLAGS)

bench-dashboard: $(NODE_MODULES) ## The dashboard with 500 channels beside plain React: frames, filter, charts, memory, bytes (CHANNELS, POINTS, ROUNDS, SECONDS, TIMES, MINUTES, SPEED)
	@node test/bench/dashboard.ts $(FLAGS)

bench-density: $(NODE_MODULES) ## How many 720p30 relays this machine carries before one loses frames, beside MediaRecorder (SECONDS, PATHS, MOST, FROM)
	@node test/bench/density.ts $(FLAGS)

bench-faults: $(NODE_MODULES) ## Each fault that a relay has to survive, many times (ROUNDS=100: hours; FAULTS=text in their names)
	@node test/bench/faults.ts $(FLAGS)

bench-platforms: $(NODE_MODULES) ## 1,000 channels on IVS at five calls a second, beside a plain client; viewer counts (CHANNELS, SCALE)
	@node test/bench/platforms.ts $(FLAGS)

bench-player: $(NODE_MODULES) ## The player beside bare hls.js, media-chrome, Vidstack and Video.js: first frame, latency, stalls, bytes (STARTS, SECONDS, BROWSERS, NETWORKS, SEED)
	@node test/bench/player.ts $(FLAGS)

bench-player-soak: $(NODE_MODULES) ## The player for six hours of faults and migrations, shortened: heap, memory, nodes, listeners (HOURS, SPEED, CALM)
	@node test/bench/player-soak.ts $(FLAGS)

bench-recorder: $(NODE_MODULES) ## 5,000 channels sampled each 10 s into a real PostgreSQL: CPU, memory, rows a second (CHANNELS, SECONDS, AWAY)
	@node --expose-gc test/bench/recorder.ts $(FLAGS)

bench-relay: $(NODE_MODULES) ## One stream by relay, MediaRecorder and x11grab: CPU, memory, lost frames, delay (SECONDS, PATHS, HEIGHTS)
	@node test/bench/relay.ts $(FLAGS)

bench-soak: $(NODE_MODULES) ## A random fault each minute: timeline, A/V offset, memory, processes (MINUTES, SEED)
	@node test/bench/soak.ts $(FLAGS)

bench-start: $(NODE_MODULES) ready-cluster ## From kubectl apply to active and playable, p50 and worst, with the parts; takes the cluster down (RUNS)
	@node test/bench/start.ts $(FLAGS)
