import { expect, test } from '@jest/globals';
import { ReceptionCount, type InboundStats } from '../../../../src/relay/page/reception.ts';

const inbound = (kind: string, figures: Partial<InboundStats>): InboundStats => ({
  id: `IT01${kind}`,
  type: 'inbound-rtp',
  kind,
  ...figures,
});

test('counts both kinds and uses the jitter of the video', () => {
  const count = new ReceptionCount();
  count.add(1, [
    { id: 'T', type: 'transport', packetsReceived: 999 },
    inbound('video', { packetsReceived: 100, packetsLost: 3, jitter: 0.012, pliCount: 4, firCount: 1 }),
  ]);
  count.add(2, [inbound('audio', { packetsReceived: 50, packetsLost: 1, jitter: 0.5 })]);
  expect(count.total(7)).toEqual({
    videoPackets: 100,
    packets: 150,
    packetsLost: 4,
    jitterMs: 12,
    keyframeRequests: 5,
    framesDropped: 7,
  });
});

test('continues counting with a new receiver, and with a new stream on the same one', () => {
  const count = new ReceptionCount();
  count.add(1, [inbound('video', { packetsReceived: 90 })]);
  count.add(1, [inbound('video', { packetsReceived: 100 })]);
  count.add(2, [inbound('video', { packetsReceived: 5 })]);
  count.add(2, [{ ...inbound('video', { packetsReceived: 1 }), id: 'other' }]);
  expect(count.total(0)).toMatchObject({ videoPackets: 106, packets: 106 });
});

test('is empty before the first receiver', () => {
  expect(new ReceptionCount().total(0)).toMatchObject({ packets: 0, packetsLost: 0, jitterMs: 0 });
});
