import { cachedLoop, type LoopOptions } from '../../fixtures/agora/cached-loop.ts';

/** What a host sends over and over. */
export interface Loop extends Pick<LoopOptions, 'width' | 'height' | 'fps' | 'seconds' | 'bitrateKbps'> {
  readonly file: string;
}

/** The video sizes that are measured, with what Agora hosts commonly send at them. */
const loopSizes = {
  360: { width: 640, height: 360, fps: 30, seconds: 60, bitrateKbps: 600 },
  720: { width: 1280, height: 720, fps: 30, seconds: 20, bitrateKbps: 2_500 },
  1080: { width: 1920, height: 1080, fps: 30, seconds: 20, bitrateKbps: 4_500 },
} as const;
export type LoopHeight = keyof typeof loopSizes;

/** By the text that a user gives. */
export const heightOf = { '360': 360, '720': 720, '1080': 1_080 } as const;

/** A loop of that height with the size in bytes that a camera's has: from the cache, encoded now if it is not there. */
export async function openLoop(height: LoopHeight): Promise<Loop> {
  const size = loopSizes[height];
  return { ...size, file: await cachedLoop({ ...size, background: 'camera' }) };
}
