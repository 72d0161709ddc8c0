import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { GopDropper } from '../../../../src/relay/ingest/gop-dropper.ts';
import type { VideoFormat } from '../../../../src/relay/media/packet.ts';

const format: VideoFormat = { codec: 'h264', width: 640, height: 360, parameterSets: undefined };
const key = { kind: 'video', format } as const;
const delta = { kind: 'video' } as const;
const sound = { kind: 'audio' } as const;

test('admits all packets while the lag is small', () => {
  const gate = new GopDropper();
  expect([key, delta, sound, delta].every((packet) => gate.admits(packet, 1_400))).toBe(true);
  expect(gate.droppedFrames).toBe(0);
});

test('drops video from where the ingest falls behind to a keyframe after it has caught up', () => {
  const gate = new GopDropper();
  expect(gate.admits(delta, 1_600)).toBe(false);
  expect(gate.admits(delta, 100)).toBe(false);
  expect(gate.admits(key, 800)).toBe(false);
  expect(gate.admits(delta, 100)).toBe(false);
  expect(gate.admits(key, 600)).toBe(true);
  expect(gate.admits(delta, 800)).toBe(true);
  expect(gate.droppedFrames).toBe(4);
  expect(gate.droppedGops).toBe(1);
});

test('audio is always admitted, and every admitted frame can be decoded', () => {
  const step = fc.record({
    packet: fc.constantFrom(key, delta, delta, delta, sound),
    lagMs: fc.nat({ max: 3_000 }),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const gate = new GopDropper();
      let decodable = true;
      for (const { packet, lagMs } of steps) {
        const admitted = gate.admits(packet, lagMs);
        if (packet.kind === 'audio') expect(admitted).toBe(true);
        else if (packet === key) decodable = admitted;
        else if (admitted) expect(decodable).toBe(true);
        else decodable = false;
      }
    }),
  );
});
