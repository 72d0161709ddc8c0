import { z } from 'zod';

/** How many whole days before today rows are kept; undefined: unlimited. */
export interface Retention {
  readonly sampleDays: number | undefined;
  readonly minuteDays: number | undefined;
  readonly hourDays: number | undefined;
  /** Also of API keys that expired or were revoked, because the audit log names them. */
  readonly auditDays: number | undefined;
  /** After an alert is resolved; open alerts are kept. */
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

/** Monthly budgets are sums of the ledger's entries of the month, so a whole month must be kept. */
const MIN_COST_DAYS = 32;

const days = (min: number) => z.coerce.number().int().min(min).max(36_500);

/** Settings of the process that does the upkeep. */
export const retentionSettings = {
  LIVECHANNEL_RETENTION_SAMPLES_DAYS: days(1)
    .default(7)
    .describe('Retention of samples (one every 10 s), in days.'),
  LIVECHANNEL_RETENTION_MINUTES_DAYS: days(1)
    .default(90)
    .describe(
      'Retention of averages per minute, of what players report, and of mode decisions and restarts, in days.',
    ),
  LIVECHANNEL_RETENTION_HOURS_DAYS: days(0)
    .default(0)
    .describe('Retention of hourly averages, in days (0 = unlimited).'),
  LIVECHANNEL_RETENTION_AUDIT_DAYS: days(0)
    .default(400)
    .describe(
      'Retention of the audit log, and of API keys that expired or were revoked, in days (0 = unlimited).',
    ),
  LIVECHANNEL_RETENTION_ALERTS_DAYS: days(0)
    .default(90)
    .describe('Retention of alerts after they are resolved, in days (0 = unlimited).'),
  LIVECHANNEL_RETENTION_COSTS_DAYS: days(0)
    .refine((value) => value === 0 || value >= MIN_COST_DAYS, {
      error: `must be 0 (unlimited) or at least ${MIN_COST_DAYS}: monthly budgets are computed from the ledger`,
    })
    .default(0)
    .describe('Retention of the cost ledger and of uptime, in days, at least 32 (0 = unlimited).'),
};

type RetentionSettings = z.infer<z.ZodObject<typeof retentionSettings>>;

/** Converts the settings, in which 0 means unlimited. */
export function retentionOf(settings: RetentionSettings): Retention {
  const orUnlimited = (value: number): number | undefined => (value === 0 ? undefined : value);
  return {
    sampleDays: settings.LIVECHANNEL_RETENTION_SAMPLES_DAYS,
    minuteDays: settings.LIVECHANNEL_RETENTION_MINUTES_DAYS,
    hourDays: orUnlimited(settings.LIVECHANNEL_RETENTION_HOURS_DAYS),
    auditDays: orUnlimited(settings.LIVECHANNEL_RETENTION_AUDIT_DAYS),
    alertDays: orUnlimited(settings.LIVECHANNEL_RETENTION_ALERTS_DAYS),
    costDays: orUnlimited(settings.LIVECHANNEL_RETENTION_COSTS_DAYS),
  };
}
