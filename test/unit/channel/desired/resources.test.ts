import { expect, test } from '@jest/globals';
import { desiredResources } from '../../../../src/channel/desired/resources.ts';
import { aChannel } from '../../../support/channel/channel-examples.ts';

test.each([
  ['agora-only', false, { mode: 'agora-only', stream: false, relay: false }],
  ['agora-only', true, { mode: 'agora-only', stream: false, relay: false }],
  ['hybrid', false, { mode: 'hybrid', stream: true, relay: true }],
  ['hybrid', true, { mode: 'hybrid', stream: true, relay: false }],
  ['hls-only', false, { mode: 'hls-only', stream: true, relay: true }],
  ['auto', false, { mode: 'hybrid', stream: true, relay: true }],
])('streamMode %s, suspend %s', (streamMode, suspend, expected) => {
  expect(desiredResources(aChannel({ spec: { streamMode, suspend } }))).toEqual(expected);
});
