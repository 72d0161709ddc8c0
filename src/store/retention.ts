/** For how many whole days before today numbers are kept; undefined: for ever. */
export interface Retention {
  readonly sampleDays: number | undefined;
  readonly minuteDays: number | undefined;
  readonly hourDays: number | undefined;
}

export const defaultRetention: Retention = { sampleDays: 7, minuteDays: 90, hourDays: undefined };
