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

test('what is written is what is read', () => {
  expect(modeDecision(withAnnotations(modeAnnotation(aModeChoice())))).toEqual(aModeChoice());
  const sent = aBudgetChoice({ action: 'switch-platform', platform: 'other' });
  expect(budgetDecision(withAnnotations(budgetAnnotation(sent)))).toEqual(sent);
  expect([modeDecision(aChannel()), budgetDecision(aChannel())]).toEqual([undefined, undefined]);
});

test('what is not of this channel came along with a manifest, and counts for nothing', () => {
  const channel = withAnnotations({
    ...modeAnnotation(aModeChoice({ channel: 'another' })),
    ...budgetAnnotation(aBudgetChoice({ channel: 'another' })),
  });
  expect([modeDecision(channel), budgetDecision(channel)]).toEqual([undefined, undefined]);
});

test.each<[string, Partial<Record<keyof ModeDecision, unknown>>]>([
  ['another mode', { mode: 'hls-only' }],
  ['another reason', { reason: 'BudgetSpent' }],
  ['a time that is none', { at: 'soon' }],
  ['no time', { decidedAt: undefined }],
  ['a message without end', { message: 'x'.repeat(2_000) }],
])('a mode with %s is none', (_, difference) => {
  const text = JSON.stringify({ ...aModeChoice(), ...difference });
  expect(modeDecision(withAnnotations({ [annotations.mode]: text }))).toBeUndefined();
});

test.each<[string, Partial<Record<keyof BudgetDecision, unknown>>]>([
  ['another level', { level: 'over' }],
  ['another action', { action: 'delete' }],
  ['money that is none', { spentUsd: '-1' }],
  ['a platform without a name', { platform: '' }],
])('a budget with %s is none', (_, difference) => {
  const text = JSON.stringify({ ...aBudgetChoice(), ...difference });
  expect(budgetDecision(withAnnotations({ [annotations.budget]: text }))).toBeUndefined();
});

test('whatever somebody writes there is read without an error', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const channel = withAnnotations({ [annotations.mode]: text, [annotations.budget]: text });
      expect([modeDecision(channel), budgetDecision(channel)]).toEqual([undefined, undefined]);
    }),
  );
});
