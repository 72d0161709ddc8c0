/** What a viewer can report. */
export const problemKinds = ['lag', 'quality', 'sound', 'other'] as const;
export type ProblemKind = (typeof problemKinds)[number];
