/**
 * Upper bounds of the histograms of what players measure, in seconds; a last place counts what is above all. The database
 * holds arrays of these lengths: other bounds need a migration.
 */
export const startupBuckets = [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8, 15, 30] as const;
export const latencyBuckets = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 60] as const;
