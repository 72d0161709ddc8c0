import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { channelIdFrom } from '../../../../src/server/agora-notifications/agora-channel-template.ts';

test.each([
  ['{channelId}', 'show-1', 'show-1'],
  ['live_{channelId}', 'live_42', '42'],
  ['live_{channelId}', 'live_', undefined],
  ['live_{channelId}', 'call_42', undefined],
  ['{channelId}-live', '42-live', '42'],
  ['a{channelId}a', 'aa', undefined],
  ['a{channelId}a', 'a', undefined],
  ['fixed', 'fixed', undefined],
])('%s, %s: %s', (template, name, id) => {
  expect(channelIdFrom(template, name)).toBe(id);
});

test('is the reverse of filling in the template', () => {
  const part = fc.string({ maxLength: 10 }).filter((text) => !text.includes('{channelId}'));
  fc.assert(
    fc.property(part, part, fc.string({ minLength: 1 }), (before, after, id) => {
      expect(channelIdFrom(`${before}{channelId}${after}`, before + id + after)).toBe(id);
    }),
  );
});
