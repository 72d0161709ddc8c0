import { beforeEach, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import {
  viewerMetricDefinitions,
  ViewerMetrics,
} from '../../../../src/controllers/streaming-platform/viewer-metrics.ts';
import { streamId, type StreamAnalytics, type StreamId } from '../../../../src/platforms/platform.ts';
import { anOwner, aStream } from '../../../support/platforms/platform-examples.ts';

let registry: Registry;
let metrics: ViewerMetrics;
beforeEach(() => {
  registry = new Registry();
  metrics = new ViewerMetrics(registry);
});
const said = (id: string, all: Partial<StreamAnalytics>): Map<StreamId, StreamAnalytics> =>
  new Map([[streamId(id), { viewers: undefined, ingestBitrateKbps: undefined, ...all }]]);
const viewers = 'livechannel_viewers{namespace="shop",channel="show",platform="origin"}';
const bitrate = 'livechannel_platform_ingest_bitrate_bps{namespace="shop",channel="show",platform="origin"}';

test('a live channel has its viewers and bitrate, as its platform counts them', async () => {
  metrics.note('origin', [aStream('s-1')], said('s-1', { viewers: 12, ingestBitrateKbps: 810 }));
  const text = await registry.metrics();
  expect(text).toContain(`${viewers} 12\n`);
  expect(text).toContain(`${bitrate} 810000\n`);
  for (const { name, type } of viewerMetricDefinitions) expect(text).toContain(`# TYPE ${name} ${type}`);
});

test('nobody watching is a number, not knowing is none', async () => {
  metrics.note('origin', [aStream('s-1')], said('s-1', { viewers: 0 }));
  const text = await registry.metrics();
  expect(text).toContain(`${viewers} 0\n`);
  expect(text).not.toContain(bitrate);
});

test('a channel that went off air is not in the next figures', async () => {
  metrics.note('origin', [aStream('s-1')], said('s-1', { viewers: 12 }));
  metrics.note('origin', [aStream('s-1')], new Map());
  expect(await registry.metrics()).not.toContain(viewers);
});

test('streams of another platform’s name or of nobody are not counted here', async () => {
  const streams = [
    aStream('s-1', { owner: undefined }),
    aStream('s-1', { owner: anOwner({ platform: 'other' }) }),
  ];
  metrics.note('origin', streams, said('s-1', { viewers: 12 }));
  expect(await registry.metrics()).not.toContain('} 12');
});

test('a platform that went takes its figures with it, and no other’s', async () => {
  const stream = aStream('s-2', { owner: anOwner({ platform: 'other' }) });
  metrics.note('origin', [aStream('s-1')], said('s-1', { viewers: 12 }));
  metrics.note('other', [stream], said('s-2', { viewers: 34 }));
  metrics.forget('origin');
  const text = await registry.metrics();
  expect(text).not.toContain('} 12');
  expect(text).toContain('} 34');
});
