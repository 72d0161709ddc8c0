import type { EncodedFrame } from '../../../../src/relay/frame-protocol.ts';
import type { MediaPacket } from '../../../../src/relay/media/packet.ts';
import { Timeline } from '../../../../src/relay/media/timeline.ts';

/** An event between the host's devices and the relay. Times are in milliseconds from the start. */
export type Event =
  /** Nothing arrives for a while, then everything at once. */
  | { readonly type: 'stall'; readonly at: number; readonly ms: number; readonly of: 'both' | 'video' }
  /** The network delay changes. */
  | { readonly type: 'route'; readonly at: number; readonly ms: number }
  /** Another page: both receivers, both RTP clocks are new, and nothing arrived meanwhile. */
  | { readonly type: 'renew'; readonly at: number; readonly ms: number }
  | { readonly type: 'mute'; readonly at: number; readonly ms: number; readonly of: 'audio' | 'video' };

export interface Scene {
  readonly seconds: number;
  /** The seed of the random numbers. */
  readonly seed: number;
  /** Parts per million by which the host's clocks are fast. */
  readonly drift: { readonly audio: number; readonly video: number };
  readonly frameRate: number;
  readonly delayMs: number;
  /** Mean jitter of each packet. */
  readonly jitterMs: number;
  readonly events: readonly Event[];
}

/** One frame, with its times. */
export interface Passage {
  readonly kind: 'video' | 'audio';
  readonly capturedMs: number;
  readonly arrivalMs: number;
  /** Undefined if the frame was dropped. */
  readonly outMs: number | undefined;
}

const KEY_EVERY = 60;

/** Simulates a host with drifting clocks on a network with jitter and events. Returns the output time of each frame. */
export function passages(scene: Scene): { passages: Passage[]; out: MediaPacket[] } {
  const timeline = new Timeline();
  const random = randomFrom(scene.seed);
  const sent = [...track(scene, 'audio', random), ...track(scene, 'video', random)].toSorted(
    (a, b) => a.arrivalMs - b.arrivalMs,
  );
  const out: MediaPacket[] = [];
  const found: Passage[] = [];
  let tickMs = sent[0]?.arrivalMs ?? 0;
  for (const { frame, capturedMs, arrivalMs } of sent) {
    for (; tickMs < arrivalMs; tickMs += 100) out.push(...timeline.silence(tickMs));
    const packets =
      frame.kind === 'audio'
        ? timeline.sound(frame, arrivalMs)
        : [picture(timeline.placeFrame(timeline.frameTime(frame, arrivalMs)))];
    out.push(...packets);
    const own = packets.find(({ held }) => held !== true);
    found.push({ kind: frame.kind, capturedMs, arrivalMs, outMs: own?.timeMs });
  }
  return { passages: found, out };
}

const picture = (timeMs: number): MediaPacket => ({ kind: 'video', timeMs, data: new Uint8Array() });

function track(
  scene: Scene,
  kind: 'audio' | 'video',
  random: () => number,
): { frame: EncodedFrame; capturedMs: number; arrivalMs: number }[] {
  const { events } = scene;
  const everyMs = kind === 'audio' ? 20 : 1_000 / scene.frameRate;
  const ticks = (kind === 'audio' ? 48 : 90) * (1 + scene.drift[kind] / 1e6);
  let start = Math.floor(random() * 2 ** 32);
  let receiver = kind === 'audio' ? 1 : 2;
  let renewed = 0;
  let before = 0;
  const frames = [];
  for (let i = 0; i * everyMs < scene.seconds * 1_000; i++) {
    const capturedMs = i * everyMs;
    const within = (event: Event): boolean => capturedMs >= event.at && capturedMs < event.at + event.ms;
    const renews = events.filter(({ type, at }) => type === 'renew' && capturedMs >= at).length;
    if (renews > renewed) {
      renewed = renews;
      receiver += 2;
      start = Math.floor(random() * 2 ** 32);
    }
    const gone = events.some(
      (e) => within(e) && (e.type === 'renew' || (e.type === 'mute' && e.of === kind)),
    );
    if (gone) continue;
    let arrivalMs = capturedMs + delay(scene, random, kind, i, capturedMs);
    for (const event of events) {
      const stalls = event.type === 'stall' && (event.of === 'both' || kind === 'video');
      if (stalls && arrivalMs >= event.at && arrivalMs < event.at + event.ms) arrivalMs = event.at + event.ms;
    }
    arrivalMs = Math.max(arrivalMs, before + 0.1); // A network mostly preserves the order.
    before = arrivalMs;
    frames.push({
      capturedMs,
      arrivalMs,
      frame: encoded(kind, receiver, (start + Math.round(capturedMs * ticks)) >>> 0),
    });
  }
  return frames;
}

/** Encoding and pacing of a frame take some milliseconds, of a keyframe some tens. */
function delay(
  { delayMs, jitterMs, events }: Scene,
  random: () => number,
  kind: string,
  i: number,
  capturedMs: number,
): number {
  const jitter = -Math.log(1 - random()) * jitterMs;
  const route = events.reduce((sum, e) => (e.type === 'route' && capturedMs >= e.at ? sum + e.ms : sum), 0);
  const pacing = kind === 'audio' ? 0 : i % KEY_EVERY === 0 ? 60 + random() * 60 : 2 + random() * 10;
  return Math.max(1, delayMs + route) + jitter + pacing;
}

/** An endless sequence of random numbers, the same for each seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function encoded(kind: 'audio' | 'video', receiver: number, rtpTimestamp: number): EncodedFrame {
  return {
    ...{
      kind,
      key: false,
      receiver,
      ssrc: receiver,
      rtpTimestamp,
      ageMs: 0,
      mimeType: '',
      width: 0,
      height: 0,
    },
    data: kind === 'audio' ? Uint8Array.of(0xfc, 1, 2, 3) : new Uint8Array(),
  };
}

/** How far audio is ahead of each visible frame (shown for longer than a display refresh), with its capture time. */
export function offsets(all: readonly Passage[]): { capturedMs: number; outMs: number; aheadMs: number }[] {
  const audio = all.filter(({ kind, outMs }) => kind === 'audio' && outMs !== undefined);
  const video = all.filter(({ kind }) => kind === 'video');
  let at = 0;
  return video.flatMap(({ capturedMs, outMs }, i) => {
    const next = video[i + 1]?.outMs;
    if (outMs === undefined || next === undefined || next - outMs < 10) return [];
    while ((audio[at + 1]?.capturedMs ?? Infinity) <= capturedMs) at++;
    const sound = audio[at];
    if (sound?.outMs === undefined || Math.abs(sound.capturedMs - capturedMs) > 40) return [];
    const soundAt = sound.outMs + capturedMs - sound.capturedMs;
    return [{ capturedMs, outMs, aheadMs: outMs - soundAt }];
  });
}
