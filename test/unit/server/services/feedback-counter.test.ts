import { expect, test } from '@jest/globals';
import { Counter, Registry } from 'prom-client';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { FeedbackCounter } from '../../../../src/server/services/feedback-counter.ts';
import { aCachedChannel } from '../../../support/server/cached-channel.ts';

function underTest() {
  const registry = new Registry();
  const labelNames = ['namespace', 'channel', 'kind'] as const;
  const counter = new Counter({ name: 'complaints', help: 'x', labelNames, registers: [registry] });
  const clock = new FakeClock();
  const values = async (): Promise<string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith('complaints{'));
  return { feedback: new FeedbackCounter(counter, clock), clock, values };
}

test('a viewer counts once a minute for each kind, and each viewer counts', async () => {
  const { feedback, clock, values } = underTest();
  const show = aCachedChannel('show');
  for (let taps = 0; taps < 10; taps++) feedback.count('ann', show, 'lag');
  feedback.count('ann', show, 'sound');
  feedback.count('ben', show, 'lag');
  await clock.advance(60_000);
  feedback.count('ann', show, 'lag');
  expect(await values()).toEqual([
    'complaints{namespace="shop",channel="show",kind="lag"} 3',
    'complaints{namespace="shop",channel="show",kind="sound"} 1',
  ]);
});

test('the counts of a channel that is gone leave the metrics', async () => {
  const { feedback, values } = underTest();
  feedback.count('ann', aCachedChannel('show'), 'lag');
  feedback.count('ann', aCachedChannel('other'), 'lag');
  feedback.forget(aCachedChannel('show'));
  expect(await values()).toEqual(['complaints{namespace="shop",channel="other",kind="lag"} 1']);
});
