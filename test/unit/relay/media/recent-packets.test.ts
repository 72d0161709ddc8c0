import { expect, test } from '@jest/globals';
import type { MediaPacket, VideoFormat } from '../../../../src/relay/media/packet.ts';
import { RecentPackets } from '../../../../src/relay/media/recent-packets.ts';

const format: VideoFormat = { codec: 'vp8', width: 2, height: 2, parameterSets: undefined };
const key = (timeMs: number, held?: boolean): MediaPacket => ({
  ...{ kind: 'video', timeMs, data: Uint8Array.of(1), format, held },
});
const delta = (timeMs: number, bytes = 1): MediaPacket => ({
  kind: 'video',
  timeMs,
  data: new Uint8Array(bytes),
});
const times = (recent: RecentPackets): number[] => recent.packets.map(({ timeMs }) => timeMs);

test('packets since the last keyframe are kept, and no older ones', () => {
  const recent = new RecentPackets();
  for (const packet of [delta(0), key(1), delta(2), key(3), delta(4), delta(5)]) recent.add(packet);
  expect(times(recent)).toEqual([3, 4, 5]);
});

test('a held keyframe counts, too', () => {
  const recent = new RecentPackets();
  for (const packet of [key(1), delta(2), key(3, true), delta(4)]) recent.add(packet);
  expect(times(recent)).toEqual([3, 4]);
});

test('without keyframes, memory is bounded', () => {
  const recent = new RecentPackets();
  recent.add(key(0));
  for (let i = 1; i < 40; i++) recent.add(delta(i, 1024 * 1024));
  expect(times(recent)).toEqual([]);
});
