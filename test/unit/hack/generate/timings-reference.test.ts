import { describe, expect, test } from '@jest/globals';
import { timingsReference } from '../../../../hack/generate/timings-reference.ts';
import * as channel from '../../../../src/channel/timing.ts';
import * as cluster from '../../../../src/cluster/timing.ts';
import * as controllers from '../../../../src/controllers/timing.ts';
import * as recorder from '../../../../src/recorder/timing.ts';
import * as relay from '../../../../src/relay/timing.ts';

describe.each([
  ['src/channel/timing.ts', channel, channel.channelTimings],
  ['src/controllers/timing.ts', controllers, controllers.controllerTimings],
  ['src/cluster/timing.ts', cluster, cluster.clusterTimings],
  ['src/recorder/timing.ts', recorder, recorder.recorderTimings],
  ['src/relay/timing.ts', relay, relay.relayTimings],
])('%s', (_, module, timings) => {
  test('every constant is in the table, with its value', () => {
    const constants = Object.entries(module).filter(([, value]) => typeof value === 'number');
    expect(timings.map(({ name, ms }) => [name, ms]).sort()).toEqual(constants.sort());
  });
});

test('the reference contains constants, settings and fields with their values', () => {
  const text = timingsReference();
  expect(text).toContain('| `STABLE_AFTER_MS` | 10 s |');
  expect(text).toContain('| `FAST_POLL_INTERVAL_MS` | 350 ms |');
  expect(text).toContain('| `VIEWER_COUNT_MAX_AGE_MS` | 3 min |');
  expect(text).toContain('| `LIVECHANNEL_DRAIN_SECONDS` | 30 s by default |');
  expect(text).toContain('| `spec.fallback.afterSeconds` | 30 s by default |');
  expect(text).toContain('| `spec.relay.idle.noHostSeconds` | disabled by default |');
  expect(text).toContain('| `LIVECHANNEL_AGORA_TOKEN_SECONDS` | 2 h by default |');
  expect(text).toContain('| `spec.relay.idle.holdLastFrameSeconds` | 10 min by default |');
});
