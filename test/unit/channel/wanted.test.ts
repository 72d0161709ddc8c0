import { expect, test } from '@jest/globals';
import { wanted, withoutEffect } from '../../../src/channel/wanted.ts';
import { aChannel } from './examples.ts';

test.each([
  ['agora-only', false, { mode: 'agora-only', stream: false, relay: false }],
  ['agora-only', true, { mode: 'agora-only', stream: false, relay: false }],
  ['hybrid', false, { mode: 'hybrid', stream: true, relay: true }],
  ['hybrid', true, { mode: 'hybrid', stream: true, relay: false }],
  ['hls-only', false, { mode: 'hls-only', stream: true, relay: true }],
  ['auto', false, { mode: 'hybrid', stream: true, relay: true }],
])('streamMode %s, suspend %s', (streamMode, suspend, expected) => {
  expect(wanted(aChannel({ spec: { streamMode, suspend } }))).toEqual(expected);
});

test('fields without effect are named, others are not', () => {
  expect(withoutEffect(aChannel())).toEqual([]);
  const heeded = { fallbackPlatformRef: { name: 'other' }, fallback: { mode: 'agora-only' }, priority: 5 };
  expect(withoutEffect(aChannel({ spec: heeded }))).toEqual([]);
  const spec = {
    streamMode: 'auto',
    relay: {
      replicas: 2,
      mode: 'transcode',
      idle: { noHostSeconds: 60 },
      slate: { configMapRef: { name: 'p' } },
    },
    budget: { usd: '5', per: 'show' },
  };
  expect(withoutEffect(aChannel({ spec })).map((each) => each.split(' ')[0])).toEqual([
    'spec.streamMode',
    'spec.budget',
  ]);
});
