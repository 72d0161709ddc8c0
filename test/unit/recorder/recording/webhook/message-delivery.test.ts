import { beforeEach, expect, test } from '@jest/globals';
import { silentLogger } from '../../../../../src/base/logger.ts';
import { FakeClock } from '../../../../../src/base/testing/fake-clock.ts';
import { MessageDelivery } from '../../../../../src/recorder/recording/webhook/message-delivery.ts';
import type { OutboxMessage } from '../../../../../src/store/store.ts';
import { start } from '../../examples.ts';

let clock: FakeClock;
let waiting: OutboxMessage[];
let accepts: (id: string) => boolean;
let sent: { readonly id: string; readonly at: number }[];
let outcomes: string[];
let pruned: { readonly before: Date; readonly most: number }[];
let delivery: MessageDelivery;
beforeEach(() => {
  clock = new FakeClock(start);
  waiting = [];
  sent = [];
  outcomes = [];
  pruned = [];
  accepts = () => true;
  delivery = new MessageDelivery({
    clock,
    logger: silentLogger,
    random: () => 0,
    store: {
      waitingMessages: async (most) => {
        const first = new Map(waiting.toReversed().map((each) => [each.channelId, each]));
        return waiting.filter((each) => first.get(each.channelId) === each).slice(0, most);
      },
      messageDelivered: async (id) => {
        waiting = waiting.filter((each) => each.id !== id);
      },
      pruneMessages: async (before, most) => {
        pruned.push({ before, most });
        return 0;
      },
    },
    send: async (id) => {
      sent.push({ id, at: clock.monotonic() / 1_000 });
      if (!accepts(id)) throw new Error('hooks.example answered 500');
    },
    onOutcome: (outcome, type) => outcomes.push(`${String(type)} ${outcome}`),
  });
});

const message = (id: number, channelId: string, type: OutboxMessage['type'] = 'status'): OutboxMessage => ({
  ...{ id: String(id), namespace: 'shop', channelId, type, createdAt: start, data: '{"type":"status"}' },
});
/** Runs every second, and at once while there is more to do, like the recorder. */
async function turn(seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed++) {
    while (await delivery.run());
    await clock.advance(1_000);
  }
}

test('the messages of a channel are delivered one after the other', async () => {
  waiting = [message(1, 'a', 'mode'), message(2, 'a'), message(3, 'b')];
  await turn(1);
  expect(sent.map(({ id }) => id)).toEqual([
    'livechannel-mode-1',
    'livechannel-status-3',
    'livechannel-status-2',
  ]);
  expect(waiting).toEqual([]);
});

test('a later message waits for the first one of its channel, and not for another channel', async () => {
  accepts = (id) => id !== 'livechannel-mode-1';
  waiting = [message(1, 'a', 'mode'), message(2, 'a'), message(3, 'b')];
  await turn(3);
  expect(waiting.map(({ id }) => id)).toEqual(['1', '2']);
  accepts = () => true;
  await turn(10);
  expect(sent.slice(-2).map(({ id }) => id)).toEqual(['livechannel-mode-1', 'livechannel-status-2']);
});

test('a receiver that is down is tried once a minute at most, however many messages wait', async () => {
  accepts = () => false;
  waiting = Array.from({ length: 1_000 }, (_, index) => message(index, `show-${String(index)}`));
  await turn(600);
  const first = sent.filter(({ at }) => at === 0).length;
  expect(first).toBe(8);
  expect(sent.length - first).toBeLessThan(15);
  accepts = () => true;
  await turn(61);
  expect(waiting).toEqual([]);
});

test('what the receiver does not accept for a day is abandoned', async () => {
  await turn(61);
  expect(pruned).toHaveLength(2);
  expect(pruned[0]).toMatchObject({ before: new Date(start.getTime() - 86_400_000), most: 50_000 });
});
