import { z } from 'zod';

/** For how many whole days before today numbers are kept; undefined: for ever. */
export interface Retention {
  readonly sampleDays: number | undefined;
  readonly minuteDays: number | undefined;
  readonly hourDays: number | undefined;
}

export const defaultRetention: Retention = { sampleDays: 7, minuteDays: 90, hourDays: undefined };

const days = (least: number) => z.coerce.number().int().min(least).max(36_500);

/** To be spread into the settings of who does the upkeep. */
export const retentionSettings = {
  LIVECHANNEL_KEEP_SAMPLES_DAYS: days(1)
    .default(7)
    .describe(
      'So many days the samples (one each 10 s) are kept in the database; the minutes are kept longer.',
    ),
  LIVECHANNEL_KEEP_MINUTES_DAYS: days(1)
    .default(90)
    .describe('So many days the averages of each minute are kept in the database.'),
  LIVECHANNEL_KEEP_HOURS_DAYS: days(0)
    .default(0)
    .describe('So many days the averages of each hour are kept in the database; 0: for ever.'),
};

export function retentionOf(settings: {
  readonly LIVECHANNEL_KEEP_SAMPLES_DAYS: number;
  readonly LIVECHANNEL_KEEP_MINUTES_DAYS: number;
  readonly LIVECHANNEL_KEEP_HOURS_DAYS: number;
}): Retention {
  return {
    sampleDays: settings.LIVECHANNEL_KEEP_SAMPLES_DAYS,
    minuteDays: settings.LIVECHANNEL_KEEP_MINUTES_DAYS,
    hourDays: settings.LIVECHANNEL_KEEP_HOURS_DAYS === 0 ? undefined : settings.LIVECHANNEL_KEEP_HOURS_DAYS,
  };
}
