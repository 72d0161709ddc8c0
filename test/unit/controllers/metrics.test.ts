import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { metricDefinitions, operatorMetrics } from '../../../src/controllers/metrics.ts';
import {
  aChannel,
  aStream,
  anObserved,
  described,
  waitingForHost,
} from '../../support/channel/channel-examples.ts';

test('every metric that is documented is there', async () => {
  const registry = new Registry();
  const metrics = operatorMetrics(registry, () => []);
  metrics.restarts.inc({ reason: 'Evicted' });
  for (const gauge of [metrics.platformReady, metrics.platformStreams, metrics.orphanedStreams])
    gauge.set({ platform: 'origin' }, 1);
  const text = await registry.metrics();
  for (const { name, type } of metricDefinitions) expect(text).toContain(`# TYPE ${name} ${type}`);
});

test('channels are counted when somebody asks, by relay status and platform', async () => {
  const registry = new Registry();
  let channels = [
    described(anObserved()).channel,
    described(anObserved({ streams: [aStream({ report: waitingForHost })] })).channel,
    aChannel(),
  ];
  operatorMetrics(registry, () => channels);
  expect(await registry.metrics()).toContain(
    'livechannel_channels{relay_status="active",platform="origin"} 1',
  );
  expect(await registry.metrics()).toContain(
    'livechannel_channels{relay_status="starting",platform="origin"} 1',
  );
  channels = [];
  expect(await registry.metrics()).not.toContain('platform="origin"');
  expect(await registry.metrics()).toContain('livechannel_channels{relay_status="active",platform=""} 0');
});
