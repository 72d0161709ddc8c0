import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { annotations } from '../../../../src/api/names.ts';
import {
  budgetAnnotation,
  budgetDecision,
  modeAnnotation,
  modeDecision,
  type BudgetDecision,
  type ModeDecision,
} from '../../../../src/api/annotations/cost-decisions.ts';
import { aBudgetChoice, aChannel, aModeChoice } from '../../../support/channel/channel-examples.ts';

const withAnnotations = (noted: Record<string, string>): ReturnType<typeof aChannel> =>
  aChannel({ metadata: { annotations: noted } });

test('a written decision is read back', () => {
  expect(modeDecision(withAnnotations(modeAnnotation(aModeChoice())))).toEqual(aModeChoice());
  const sent = aBudgetChoice({ action: 'switch-platform', platform: 'other' });
  expect(budgetDecision(withAnnotations(budgetAnnotation(sent)))).toEqual(sent);
  expect([modeDecision(aChannel()), budgetDecision(aChannel())]).toEqual([undefined, undefined]);
});

test('a decision of another channel, copied with a manifest, is ignored', () => {
  const channel = withAnnotations({
    ...modeAnnotation(aModeChoice({ channel: 'another' })),
    ...budgetAnnotation(aBudgetChoice({ channel: 'another' })),
  });
  expect([modeDecision(channel), budgetDecision(channel)]).toEqual([undefined, undefined]);
});

test.each<[string, Partial<Record<keyof ModeDecision, unknown>>]>([
  ['an unknown mode', { mode: 'hls-only' }],
  ['an unknown reason', { reason: 'BudgetSpent' }],
  ['an invalid time', { at: 'soon' }],
  ['no time', { decidedAt: undefined }],
  ['an overlong message', { message: 'x'.repeat(2_000) }],
])('a mode decision with %s is ignored', (_, difference) => {
  const text = JSON.stringify({ ...aModeChoice(), ...difference });
  expect(modeDecision(withAnnotations({ [annotations.mode]: text }))).toBeUndefined();
});

test.each<[string, Partial<Record<keyof BudgetDecision, unknown>>]>([
  ['an unknown level', { level: 'over' }],
  ['an unknown action', { action: 'delete' }],
  ['an invalid amount', { spentUsd: '-1' }],
  ['a platform without a name', { platform: '' }],
])('a budget decision with %s is ignored', (_, difference) => {
  const text = JSON.stringify({ ...aBudgetChoice(), ...difference });
  expect(budgetDecision(withAnnotations({ [annotations.budget]: text }))).toBeUndefined();
});

test('any annotation value is read without an error', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const channel = withAnnotations({ [annotations.mode]: text, [annotations.budget]: text });
      expect([modeDecision(channel), budgetDecision(channel)]).toEqual([undefined, undefined]);
    }),
  );
});
