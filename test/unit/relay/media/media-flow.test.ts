import { describe, expect, test } from '@jest/globals';
import { MediaFlow } from '../../../../src/relay/media/media-flow.ts';
import type { MediaPacket } from '../../../../src/relay/media/packet.ts';
import { delta, keyframe, sound } from './frames.ts';

function flow(): {
  media: MediaFlow;
  packets: MediaPacket[];
  advance: (ms: number) => void;
  /** A second of the host's frames, beginning with a keyframe. */
  second: (options?: Parameters<typeof keyframe>[1]) => void;
  keyframeRequests: () => number;
} {
  let nowMs = 10_000;
  let keyframeRequests = 0;
  const packets: MediaPacket[] = [];
  const clock = { monotonic: () => nowMs, now: () => new Date(nowMs) };
  const media = new MediaFlow(clock, {
    keyframeIntervalMs: 2_000,
    onPacket: (packet) => packets.push(packet),
    onKeyframeWanted: () => keyframeRequests++,
  });
  const advance = (ms: number): void => {
    for (const end = nowMs + ms; nowMs < end; nowMs += 20) if (nowMs % 100 === 0) media.tick();
  };
  const second: ReturnType<typeof flow>['second'] = (options = {}) => {
    for (let n = 0; n < 25; n++) {
      media.take(
        n === 0 ? keyframe(nowMs, options) : delta(nowMs, n, { ...options, data: delta(0, n).data }),
      );
      media.take(sound(nowMs));
      advance(40);
    }
  };
  return { media, packets, advance, second, keyframeRequests: () => keyframeRequests };
}

describe('facts about the media', () => {
  test('are empty at first', () => {
    const { media, advance, packets } = flow();
    advance(5_000);
    expect(packets).toEqual([]);
    expect(media.facts).toEqual({
      ...{ videoAt: undefined, audioAt: undefined, format: undefined, keyframeAt: undefined },
      ...{
        receiverSince: undefined,
        videoBitrateKbps: 0,
        frameRate: 0,
        sizeChanges: 0,
        heldSince: undefined,
      },
    });
    expect(media.figures()).toEqual({ inBitrateKbps: 0, keyframeIntervalSeconds: null, avOffsetMs: null });
  });

  test('contain rates, keyframes and times of a host that sends', () => {
    const { media, second, packets } = flow();
    for (let i = 0; i < 8; i++) second();
    const { facts } = media;
    expect(facts).toMatchObject({
      videoAt: 17_960,
      audioAt: 17_960,
      keyframeAt: 17_000,
      receiverSince: 10_000,
    });
    expect(facts.format).toMatchObject({ codec: 'h264', width: 64, height: 48 });
    expect(facts.frameRate).toBeCloseTo(25, 0);
    expect(facts.videoBitrateKbps).toBeGreaterThan(0);
    const figures = media.figures();
    expect(figures.inBitrateKbps).toBeGreaterThan(facts.videoBitrateKbps);
    expect(figures.keyframeIntervalSeconds).toBe(1);
    expect(figures.avOffsetMs).toBeCloseTo(0);
    expect(media.counters()).toEqual({
      ...{ videoFrames: 200, audioPackets: 200, keyframes: 8, videoFramesSent: 200 },
      dropped: { 'after-loss': 0, codec: 0 },
    });
    expect(packets.filter(({ kind }) => kind === 'video')).toHaveLength(200);
  });

  test('count dropped frames by reason, and a keyframe is requested', () => {
    const { media, second, keyframeRequests } = flow();
    second();
    media.take(delta(11_000, 12));
    media.take(delta(11_000, 1, { mimeType: '' }));
    expect(media.counters().dropped).toEqual({ 'after-loss': 1, codec: 1 });
    expect(keyframeRequests()).toBe(1);
  });

  test('count size changes within a minute', () => {
    const { media, second, advance } = flow();
    const small = { size: { width: 32, height: 32 } };
    for (const options of [{}, small, {}, {}]) second(options);
    expect(media.facts.sizeChanges).toBe(2);
    advance(60_000);
    expect(media.facts.sizeChanges).toBe(0);
  });

  test('do not count the time of an absence, or of another host, as missing keyframes', () => {
    const { media, second, advance } = flow();
    second();
    advance(9_000);
    expect(media.facts.heldSince).toBeDefined();
    media.take(delta(20_000, 25));
    expect(media.facts).toMatchObject({ receiverSince: 20_000, keyframeAt: undefined });
    advance(1_000);
    second({ receiver: 8 });
    expect(media.facts).toMatchObject({ receiverSince: 21_000, keyframeAt: 21_000, heldSince: undefined });
  });

  test('ignore implausible frame ages from the page', () => {
    const { media, packets } = flow();
    media.take(keyframe(0, { ageMs: 1e9 }));
    expect(packets.at(-1)?.timeMs).toBe(9_000);
  });
});
