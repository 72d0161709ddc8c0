import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { Counter, Registry } from 'prom-client';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { complainantOf, FeedbackCounter } from '../../../../src/server/services/feedback-counter.ts';
import { aCachedChannel } from '../../../support/server/cached-channel.ts';
import { aQoeReport } from '../../../support/server/qoe-reports.ts';

function underTest() {
  const registry = new Registry();
  const labelNames = ['namespace', 'channel', 'kind'] as const;
  const counter = new Counter({ name: 'complaints', help: 'x', labelNames, registers: [registry] });
  const clock = new FakeClock();
  const values = async (): Promise<string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith('complaints{'));
  const lines: string[] = [];
  const logger = pino({}, { write: (line: string) => lines.push(line) });
  return { feedback: new FeedbackCounter(counter, clock, logger), clock, values, lines };
}

test('a viewer counts once a minute for each kind, and each viewer counts', async () => {
  const { feedback, clock, values } = underTest();
  const show = aCachedChannel('show');
  for (let taps = 0; taps < 10; taps++) feedback.count('ann', show, { kind: 'lag' });
  feedback.count('ann', show, { kind: 'sound' });
  feedback.count('ben', show, { kind: 'lag' });
  await clock.advance(60_000);
  feedback.count('ann', show, { kind: 'lag' });
  expect(await values()).toEqual([
    'complaints{namespace="shop",channel="show",kind="lag"} 3',
    'complaints{namespace="shop",channel="show",kind="sound"} 1',
  ]);
});

test('the counts of a channel that is gone leave the metrics', async () => {
  const { feedback, values } = underTest();
  feedback.count('ann', aCachedChannel('show'), { kind: 'lag' });
  feedback.count('ann', aCachedChannel('other'), { kind: 'lag' });
  feedback.forget(aCachedChannel('show'));
  expect(await values()).toEqual(['complaints{namespace="shop",channel="other",kind="lag"} 1']);
});

test('what the player measures is in the log once, and nothing about the viewer', () => {
  const { feedback, lines } = underTest();
  const { v: _, sid, seq: __, ...qoe } = aQoeReport(7, { stalled: 4 });
  for (let taps = 0; taps < 3; taps++) feedback.count('user-7', aCachedChannel('show'), { kind: 'lag', qoe });
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ channel: 'show', kind: 'lag', qoe: { stalled: 4 } });
  expect(lines[0]).not.toContain('user-7');
  expect(lines[0]).not.toContain(sid);
});

test('a ticket or a back end names the viewer; of those without credentials, each address is one', () => {
  const shop = { subject: 'api-key:1', scope: 'playback' } as const;
  const anyone = { subject: 'anonymous', scope: 'playback', publicOnly: true } as const;
  const from = (address: string) => ({ caller: anyone, address });
  expect(complainantOf({ caller: shop }, 'ann')).not.toBe(complainantOf({ caller: shop }, 'ben'));
  expect(complainantOf(from('10.0.0.1'), 'ann')).toBe(complainantOf(from('10.0.0.1'), 'ben'));
  expect(complainantOf(from('10.0.0.1'), undefined)).not.toBe(complainantOf(from('10.0.0.2'), undefined));
});
