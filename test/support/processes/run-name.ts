/** The environment variable of a benchmark run's processes that holds the run's name. */
export const runVariable = 'LIVECHANNEL_BENCH_RUN';
