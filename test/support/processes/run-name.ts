/** In the environment of all processes that a run of a benchmark starts: the run's name. */
export const runVariable = 'LIVECHANNEL_BENCH_RUN';
