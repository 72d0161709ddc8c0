import { expect, test } from '@jest/globals';
import { planOf, type Offers } from '../../lifecycle/plan.ts';
import { SeededRandom } from '../../support/numbers/seeded-random.ts';

const offers: Offers = { latencies: ['standard', 'low'], recordings: ['off', 'automatic'] };
const plans = Array.from({ length: 300 }, (_, number) =>
  planOf(number, new SeededRandom('1').fork(String(number)), offers),
);

test('the same seed results in the same lifecycle, another seed in another one', () => {
  expect(planOf(5, new SeededRandom('1').fork('5'), offers)).toEqual(plans[5]);
  expect(planOf(5, new SeededRandom('2').fork('5'), offers)).not.toEqual(plans[5]);
});

test('a lifecycle begins with a channel, and a deleted channel is only recreated', () => {
  for (const { steps } of plans) {
    const deeds = steps.map(({ action }) => action.do);
    expect(deeds[0]).toBe('apply');
    for (const [index, deed] of deeds.entries())
      if (deed === 'delete' && index + 1 < deeds.length) expect(deeds[index + 1]).toBe('apply');
  }
});

test('no platform is its own fallback, which the API server would reject', () => {
  for (const { steps } of plans)
    for (const { action } of steps)
      if (action.do === 'apply') expect(action.wish.fallbackPlatform).not.toBe(action.wish.platform);
});

test('every kind of action occurs', () => {
  const deeds = new Set(plans.flatMap(({ steps }) => steps.map(({ action }) => action.do)));
  expect([...deeds].sort()).toEqual(
    [
      'apply',
      'delete',
      'delete-pod',
      'delete-secret',
      'drop-finalizer',
      'drop-records',
      'drop-status',
      'evict-pod',
      'rotate-key',
    ].sort(),
  );
});
