import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { defaultRetention, retentionOf, retentionSettings } from '../../../src/store/retention.ts';

const settings = z.object(retentionSettings);

describe('the retention of rows', () => {
  test('is the default without settings', () => {
    expect(retentionOf(settings.parse({}))).toEqual(defaultRetention);
  });

  test('is unlimited with 0, where that is allowed', () => {
    const forEver = retentionOf(
      settings.parse({
        LIVECHANNEL_RETENTION_HOURS_DAYS: '0',
        LIVECHANNEL_RETENTION_AUDIT_DAYS: '0',
        LIVECHANNEL_RETENTION_ALERTS_DAYS: '0',
        LIVECHANNEL_RETENTION_COSTS_DAYS: '0',
      }),
    );
    expect(forEver).toMatchObject({
      hourDays: undefined,
      auditDays: undefined,
      alertDays: undefined,
      costDays: undefined,
    });
    expect(settings.safeParse({ LIVECHANNEL_RETENTION_SAMPLES_DAYS: '0' }).success).toBe(false);
  });

  test('is at least a month for the ledger, because monthly budgets are summed up from it', () => {
    expect(retentionOf(settings.parse({ LIVECHANNEL_RETENTION_COSTS_DAYS: '32' })).costDays).toBe(32);
    const refused = settings.safeParse({ LIVECHANNEL_RETENTION_COSTS_DAYS: '31' });
    expect(refused.error?.issues[0]?.message).toMatch(/0 \(unlimited\) or at least 32/);
  });
});
