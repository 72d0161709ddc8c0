import { expect, test } from '@jest/globals';
import { RecentPackets } from '../../../../src/relay/media/recent-packets.ts';
import type { MediaPacket } from '../../../../src/relay/media/timeline.ts';

const format = { parameterSets: { sps: Uint8Array.of(0x67), pps: Uint8Array.of(0x68) }, width: 2, height: 2 };
const key = (timeMs: number): MediaPacket => ({ kind: 'video', timeMs, data: Uint8Array.of(1), format });
const delta = (timeMs: number, bytes = 1): MediaPacket => ({
  kind: 'video',
  timeMs,
  data: new Uint8Array(bytes),
});
const times = (recent: RecentPackets): number[] => recent.packets.map(({ timeMs }) => timeMs);

test('what came since the last key frame is kept, and nothing from before it', () => {
  const recent = new RecentPackets();
  for (const packet of [delta(0), key(1), delta(2), key(3), delta(4), delta(5)]) recent.add(packet);
  expect(times(recent)).toEqual([3, 4, 5]);
});

test('a host that sends no key frames does not fill the memory', () => {
  const recent = new RecentPackets();
  recent.add(key(0));
  for (let i = 1; i < 40; i++) recent.add(delta(i, 1024 * 1024));
  expect(times(recent)).toEqual([]);
});
