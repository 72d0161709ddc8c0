import { describe, expect, test } from '@jest/globals';
import { AckTracker } from '../../../../src/relay/ingest/ack-tracker.ts';
import { HANDSHAKE_BYTES } from '../../../../src/relay/ingest/rtmp-messages.ts';

const WINDOW = 10_000;

/** A connection after its handshake that sends 1,000 bytes every 10 ms from time 0 on. */
function connection(milliseconds: number): AckTracker {
  const delivery = new AckTracker(WINDOW);
  delivery.sent(HANDSHAKE_BYTES, 0);
  for (let now = 0; now < milliseconds; now += 10) delivery.sent(1_000, now);
  return delivery;
}

describe('with acknowledgements', () => {
  test('acknowledged bytes are accepted', () => {
    const delivery = connection(500);
    delivery.acknowledged(10_000, 120);
    delivery.acknowledged(20_500, 230);
    expect(delivery.acceptedBytes).toBe(HANDSHAKE_BYTES + 20_500);
    expect(delivery.acceptedAt).toBe(230);
  });

  test('there is no lag while less than a window is unacknowledged', () => {
    const delivery = connection(190);
    delivery.acknowledged(10_000, 100);
    expect(delivery.lagMs(60_000)).toBe(0);
  });

  test('the lag is the age of the oldest byte that should have been acknowledged', () => {
    const delivery = connection(2_000);
    delivery.acknowledged(10_000, 100);
    // Byte 20,000 was sent at 200 ms.
    expect(delivery.lagMs(2_000)).toBeGreaterThanOrEqual(1_800);
    expect(delivery.lagMs(2_000)).toBeLessThan(1_830);
  });

  test('a pause in sending is no lag', () => {
    const delivery = connection(100);
    delivery.acknowledged(10_000, 100);
    for (let now = 5_000; now < 5_200; now += 10) delivery.sent(1_000, now);
    delivery.acknowledged(20_000, 5_100);
    expect(delivery.lagMs(5_200)).toBe(0);
  });

  test('the counter wraps after 4 GiB', () => {
    const delivery = new AckTracker(WINDOW);
    delivery.sent(0x1_0000_0000 + 50_000, 0);
    delivery.acknowledged(0xffff_f000, 1);
    delivery.acknowledged(0x4000, 2);
    expect(delivery.acceptedBytes).toBe(HANDSHAKE_BYTES + 0x1_0000_4000);
  });

  test('a server whose counter restarts from 0, like nginx-rtmp, is supported', () => {
    const delivery = new AckTracker(WINDOW);
    const limit = 0xf000_0000;
    let [count, last] = [limit - 100_000, limit - 100_000];
    delivery.sent(HANDSHAKE_BYTES + count, 0);
    delivery.acknowledged(count, 0);
    for (let now = 10; now < 1_000; now += 10) {
      delivery.sent(4_096, now);
      count += 4_096;
      if (count >= limit) [count, last] = [0, 0];
      if (count - last < WINDOW) continue;
      last = count;
      delivery.acknowledged(count, now);
      expect(delivery.lagMs(now)).toBeLessThan(30);
      expect(delivery.sentBytes - delivery.acceptedBytes).toBeLessThan(2 * WINDOW);
    }
    expect(delivery.lagMs(990 + 1_000)).toBeLessThan(1_100);
    for (let now = 1_000; now < 2_000; now += 10) delivery.sent(4_096, now);
    expect(delivery.lagMs(2_000)).toBeGreaterThan(900);
  });

  test('a server that also counts the handshake is never ahead of the sent bytes', () => {
    const delivery = connection(100);
    delivery.acknowledged(10_000 + HANDSHAKE_BYTES, 100);
    expect(delivery.acceptedBytes).toBe(delivery.sentBytes);
  });
});

describe('without acknowledgements', () => {
  test("bytes that have left the kernel's queue are accepted", () => {
    const delivery = connection(1_000);
    delivery.holds(50_000, 1_000);
    expect(delivery.acceptedBytes).toBe(HANDSHAKE_BYTES + 50_000);
    expect(delivery.lagMs(1_000)).toBeGreaterThanOrEqual(500);
    expect(delivery.lagMs(1_000)).toBeLessThan(530);
    delivery.holds(0, 1_100);
    expect(delivery.lagMs(1_100)).toBe(0);
    expect(delivery.acceptedAt).toBe(1_100);
  });

  test("acknowledgements every few megabytes are too rare: the kernel's queue is still used", () => {
    const delivery = connection(30_000);
    delivery.acknowledged(2_500_000, 29_000);
    expect(delivery.acknowledges).toBe(false);
    delivery.holds(0, 30_000);
    expect(delivery.acceptedBytes).toBe(delivery.sentBytes);
  });
});

test('its memory is bounded by the bytes in flight', () => {
  const delivery = new AckTracker(WINDOW);
  for (let now = 0; now < 1_000_000; now += 20) {
    delivery.sent(1_000, now);
    delivery.holds(0, now);
    expect(delivery.lagMs(now)).toBe(0);
  }
});
