import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { defaultRetention, retentionOf, retentionSettings } from '../../../src/store/retention.ts';

const settings = z.object(retentionSettings);

describe('how long rows are kept', () => {
  test('is the default where nothing is set', () => {
    expect(retentionOf(settings.parse({}))).toEqual(defaultRetention);
  });

  test('is for ever with 0, where that is possible', () => {
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

  test("leaves the ledger a month, as the month's budgets are added up from it", () => {
    expect(retentionOf(settings.parse({ LIVECHANNEL_RETENTION_COSTS_DAYS: '32' })).costDays).toBe(32);
    const refused = settings.safeParse({ LIVECHANNEL_RETENTION_COSTS_DAYS: '31' });
    expect(refused.error?.issues[0]?.message).toMatch(/0 \(unlimited\) or at least 32/);
  });
});
