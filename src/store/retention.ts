import { z } from 'zod';

/** For how many whole days before today rows are kept; undefined: for ever. */
export interface Retention {
  readonly sampleDays: number | undefined;
  readonly minuteDays: number | undefined;
  readonly hourDays: number | undefined;
  /** Of changes, and of API keys that have ended, which they name. */
  readonly auditDays: number | undefined;
  /** Since an alert is resolved; an open one stays. */
  readonly alertDays: number | undefined;
  readonly costDays: number | undefined;
}

export const defaultRetention: Retention = {
  sampleDays: 7,
  minuteDays: 90,
  hourDays: undefined,
  auditDays: 400,
  alertDays: 90,
  costDays: undefined,
};

/** The budget of a month is what the ledger's entries of that month come to. */
const LEAST_COST_DAYS = 32;

const days = (least: number) => z.coerce.number().int().min(least).max(36_500);

/** To be spread into the settings of who does the upkeep. */
export const retentionSettings = {
  LIVECHANNEL_RETENTION_SAMPLES_DAYS: days(1)
    .default(7)
    .describe(
      'So many days the samples (one each 10 s) are kept in the database; the minutes are kept longer.',
    ),
  LIVECHANNEL_RETENTION_MINUTES_DAYS: days(1)
    .default(90)
    .describe('So many days the averages of each minute are kept in the database.'),
  LIVECHANNEL_RETENTION_HOURS_DAYS: days(0)
    .default(0)
    .describe('So many days the averages of each hour are kept in the database; 0: for ever.'),
  LIVECHANNEL_RETENTION_AUDIT_DAYS: days(0)
    .default(400)
    .describe(
      'So many days the audit log is kept in the database, and API keys that expired or were revoked; 0: for ever.',
    ),
  LIVECHANNEL_RETENTION_ALERTS_DAYS: days(0)
    .default(90)
    .describe('So many days alerts are kept in the database after they are resolved; 0: for ever.'),
  LIVECHANNEL_RETENTION_COSTS_DAYS: days(0)
    .refine((value) => value === 0 || value >= LEAST_COST_DAYS, {
      error: `must be 0 (for ever) or at least ${String(LEAST_COST_DAYS)}: the budgets of a month are added up from them`,
    })
    .default(0)
    .describe('So many days the ledger of costs is kept in the database, 32 at least; 0: for ever.'),
};

type RetentionSettings = z.infer<z.ZodObject<typeof retentionSettings>>;

export function retentionOf(settings: RetentionSettings): Retention {
  const orForEver = (value: number): number | undefined => (value === 0 ? undefined : value);
  return {
    sampleDays: settings.LIVECHANNEL_RETENTION_SAMPLES_DAYS,
    minuteDays: settings.LIVECHANNEL_RETENTION_MINUTES_DAYS,
    hourDays: orForEver(settings.LIVECHANNEL_RETENTION_HOURS_DAYS),
    auditDays: orForEver(settings.LIVECHANNEL_RETENTION_AUDIT_DAYS),
    alertDays: orForEver(settings.LIVECHANNEL_RETENTION_ALERTS_DAYS),
    costDays: orForEver(settings.LIVECHANNEL_RETENTION_COSTS_DAYS),
  };
}
