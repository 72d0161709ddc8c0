import { frameOf } from '../../../fixtures/hls/page/frame-of.ts';

/** What a page has measured of its player, whichever that is. */
export interface Measured {
  /** Milliseconds from the beginning of the navigation to the first frame. */
  readonly firstFrameMs: number | undefined;
  /** Waits of more than 250 ms after the first frame. */
  readonly stalls: number;
  readonly stalledSeconds: number;
  /** Grey values of the frame on the screen. */
  readonly frame: readonly number[];
  /** Paths of the scripts that were loaded. */
  readonly scripts: readonly string[];
}

const SAMPLE_MS = 50;
const STALL_MS = 250;

let video: HTMLVideoElement | undefined;
let firstFrameMs: number | undefined;
let stalls = 0;
let stalledMs = 0;
let position = -1;
let movedAt = 0;
let counted = false;

/** Players hide the element in shadow roots, and may replace it. */
function findVideo(root: Document | ShadowRoot): HTMLVideoElement | undefined {
  for (const element of root.querySelectorAll('*')) {
    if (element instanceof HTMLVideoElement) return element;
    const inside = element.shadowRoot === null ? undefined : findVideo(element.shadowRoot);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

function sample(): void {
  const found = findVideo(document);
  if (found !== video) {
    video = found;
    found?.requestVideoFrameCallback((now) => {
      firstFrameMs ??= now;
    });
  }
  if (video === undefined || firstFrameMs === undefined) return;
  const now = performance.now();
  if (video.currentTime !== position || movedAt === 0) {
    if (counted) stalledMs += now - movedAt;
    [position, movedAt, counted] = [video.currentTime, now, false];
  } else if (!counted && now - movedAt > STALL_MS) {
    counted = true;
    stalls++;
  }
}
setInterval(sample, SAMPLE_MS);

Object.assign(globalThis, {
  measure: (): Measured => ({
    firstFrameMs,
    stalls,
    stalledSeconds: (stalledMs + (counted ? performance.now() - movedAt : 0)) / 1_000,
    frame: video === undefined || firstFrameMs === undefined ? [] : frameOf(video),
    scripts: performance
      .getEntriesByType('resource')
      .map(({ name }) => new URL(name).pathname)
      .filter((path) => path.endsWith('.js')),
  }),
});
