import { beforeEach, expect, test } from '@jest/globals';
import { Alerts } from '../../../../src/recorder/recording/alerts.ts';
import type { Alert } from '../../../../src/store/store.ts';
import { after, start, storeError } from '../examples.ts';

const key = { namespace: 'shop', channelId: 'show' };
const anAlert = (occasion: string): Omit<Alert, 'id' | 'resolvedAt'> => ({
  ...key,
  raisedAt: start,
  kind: 'BudgetSpent',
  severity: 'critical',
  message: 'spent',
  occasion,
});

let calls: string[];
let away: boolean;
let sent: string[];
let alerts: Alerts;
beforeEach(() => {
  calls = [];
  sent = [];
  away = false;
  alerts = new Alerts(
    {
      raiseAlert: async (alert) => {
        if (away) throw storeError('Unavailable');
        const known = calls.includes(`raise ${alert.occasion}`);
        calls.push(`raise ${alert.occasion}`);
        return known ? undefined : { ...alert, id: '1', resolvedAt: undefined };
      },
      resolveAlert: async (_, occasion) => {
        if (away) throw storeError('Unavailable');
        calls.push(`resolve ${occasion}`);
        return undefined;
      },
      resolveAlertOfKind: async (_, kind) => {
        if (away) throw storeError('Unavailable');
        calls.push(`resolve ${kind}`);
        return undefined;
      },
    },
    ({ occasion }) => sent.push(occasion),
  );
});

test('alerts reach the database in order, also those raised while it was unavailable', async () => {
  away = true;
  alerts.raise(anAlert('hour-1'));
  await expect(alerts.run()).rejects.toThrow();
  alerts.resolve(key, 'hour-1', after(10));
  alerts.raise(anAlert('hour-2'));
  away = false;
  await alerts.run();
  await alerts.run();
  expect(calls).toEqual(['raise hour-1', 'resolve hour-1', 'raise hour-2']);
});

test('only the first alert of an occasion is sent', async () => {
  alerts.raise(anAlert('hour-1'));
  await alerts.run();
  alerts.raise(anAlert('hour-1'));
  await alerts.run();
  expect(sent).toEqual(['hour-1']);
});
