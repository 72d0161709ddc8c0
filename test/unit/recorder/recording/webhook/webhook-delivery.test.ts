import { beforeEach, expect, test } from '@jest/globals';
import { silentLogger } from '../../../../../src/base/logger.ts';
import { FakeClock } from '../../../../../src/base/testing/fake-clock.ts';
import {
  WebhookDelivery,
  type DeliveryOutcome,
} from '../../../../../src/recorder/recording/webhook/webhook-delivery.ts';
import type { Alert } from '../../../../../src/store/store.ts';
import { start, storeError } from '../../examples.ts';

const anAlert = (id: string): Alert => ({
  id,
  namespace: 'shop',
  channelId: 'show',
  raisedAt: start,
  resolvedAt: undefined,
  kind: 'BudgetSpent',
  severity: 'critical',
  message: 'The budget of $12.00 an hour is spent.',
  occasion: '2026-01-01T00/spent',
});

let clock: FakeClock;
let open: Alert[];
let sent: { id: string; at: number; body: unknown }[];
let accepts: boolean;
let unrecorded: number;
let dropped: string[];
let outcomes: DeliveryOutcome[];
let delivery: WebhookDelivery;
beforeEach(() => {
  clock = new FakeClock(start);
  open = [anAlert('1')];
  sent = [];
  accepts = true;
  unrecorded = 0;
  dropped = [];
  outcomes = [];
  delivery = newDelivery();
});

function newDelivery(): WebhookDelivery {
  return new WebhookDelivery({
    clock,
    logger: silentLogger,
    random: () => 0,
    store: {
      undeliveredAlerts: async () => open,
      alertDelivered: async ({ id }) => {
        if (unrecorded > 0) {
          unrecorded -= 1;
          throw storeError('Unavailable');
        }
        open = open.filter((alert) => alert.id !== id);
      },
      alertGivenUp: async (id) => {
        dropped.push(id);
        open = open.filter((alert) => alert.id !== id);
      },
    },
    send: async (id, body) => {
      sent.push({ id, at: clock.monotonic() / 1_000, body: JSON.parse(body) });
      if (!accepts) throw new Error('hooks.example answered 500');
    },
    onOutcome: (outcome) => outcomes.push(outcome),
  });
}
/** Runs every two seconds, like the recorder. */
async function turn(seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 2) {
    await delivery.run().catch(() => undefined);
    await clock.advance(2_000);
  }
}

test('an alert is delivered once, in the format that Standard Webhooks recommends', async () => {
  await turn(20);
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({
    id: 'livechannel-alert-1',
    body: {
      type: 'livechannel.alert',
      timestamp: '2026-01-01T00:00:00.000Z',
      data: { namespace: 'shop', channelId: 'show', kind: 'BudgetSpent', resolvedAt: null },
    },
  });
  expect(outcomes).toEqual(['delivered']);
});

test('the resolution of an alert is another message', async () => {
  await turn(2);
  open = [{ ...anAlert('1'), resolvedAt: new Date(start.getTime() + 3_600_000) }];
  await turn(20);
  expect(sent.map(({ id }) => id)).toEqual(['livechannel-alert-1', 'livechannel-alert-1-resolved']);
  expect(sent[1]?.body).toMatchObject({
    type: 'livechannel.alert.resolved',
    timestamp: '2026-01-01T01:00:00.000Z',
    data: { id: '1', resolvedAt: '2026-01-01T01:00:00.000Z' },
  });
});

test('a rejected message is retried at growing intervals with the same id', async () => {
  accepts = false;
  await turn(70);
  expect(sent.map(({ at }) => at)).toEqual([0, 6, 22, 68]);
  expect(new Set(sent.map(({ id }) => id))).toEqual(new Set(['livechannel-alert-1']));
  accepts = true;
  await turn(140);
  expect(outcomes).toEqual(['failed', 'failed', 'failed', 'failed', 'delivered']);
});

test('a message is dropped after a day', async () => {
  accepts = false;
  await clock.advance(86_401_000);
  await turn(10);
  expect(outcomes).toEqual(['abandoned']);
  expect(dropped).toEqual(['1']);
  expect(open).toEqual([]);
});

test('a message whose delivery could not be recorded is delivered again: at least once', async () => {
  unrecorded = 1;
  await turn(10);
  expect(sent.map(({ id }) => id)).toEqual(['livechannel-alert-1', 'livechannel-alert-1']);
  expect(open).toEqual([]);
});

test('a new leader continues with the same id', async () => {
  accepts = false;
  await turn(4);
  delivery = newDelivery();
  accepts = true;
  await turn(4);
  expect(sent.map(({ id }) => id)).toEqual(['livechannel-alert-1', 'livechannel-alert-1']);
});

test('alerts that the receiver never accepts, however many, do not delay the others', async () => {
  open = Array.from({ length: 150 }, (_, at) => ({ ...anAlert(String(at)), message: 'poison' }));
  const last = anAlert('last');
  const delivered: string[] = [];
  const poisoned = new WebhookDelivery({
    clock,
    logger: silentLogger,
    random: () => 0,
    store: {
      undeliveredAlerts: async (most) => [...open, last].slice(0, most),
      alertDelivered: async ({ id }) => void delivered.push(id),
      alertGivenUp: async () => undefined,
    },
    send: async (_id, body) => {
      if (body.includes('poison')) throw new Error('hooks.example answered 400');
    },
    onOutcome: () => undefined,
  });
  for (let second = 0; second < 120 && delivered.length === 0; second += 2) {
    await poisoned.run();
    await clock.advance(2_000);
  }
  expect(delivered).toEqual(['last']);
});
