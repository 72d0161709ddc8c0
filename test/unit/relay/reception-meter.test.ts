import { expect, test } from '@jest/globals';
import type { Reception } from '../../../src/relay/page-protocol.ts';
import { ReceptionMeter } from '../../../src/relay/reception-meter.ts';

const counts = (packets: number, packetsLost: number, more: Partial<Reception> = {}): Reception => ({
  ...{ videoPackets: packets, packets, packetsLost, jitterMs: 3, keyframeRequests: 0, framesDropped: 0 },
  ...more,
});

test('loss is that of the last ten seconds', () => {
  const meter = new ReceptionMeter();
  meter.add(counts(1_000, 500), 0);
  meter.add(counts(1_090, 510), 5_000);
  expect(meter.figures(5_000).packetLossPercent).toBe(10);
  meter.add(counts(1_190, 510), 11_000);
  expect(meter.figures(11_000).packetLossPercent).toBe(0);
});

test('reports whether video packets have arrived', () => {
  const meter = new ReceptionMeter();
  expect(meter.add(counts(10, 0), 0)).toBe(true);
  expect(meter.add(counts(10, 0), 1_000)).toBe(false);
  expect(meter.add(counts(11, 0), 2_000)).toBe(true);
});

test('counters continue with a new page', () => {
  const meter = new ReceptionMeter();
  meter.add(counts(10, 0, { keyframeRequests: 4, framesDropped: 2 }), 0);
  meter.restart();
  expect(meter.figures(0).packetLossPercent).toBeUndefined();
  expect(meter.add(counts(1, 0, { keyframeRequests: 3 }), 1_000)).toBe(true);
  expect(meter.figures(1_000)).toMatchObject({ keyframeRequests: 7, framesDropped: 2 });
});
