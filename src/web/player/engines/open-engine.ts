import type { Engine, EngineOptions, OpenEngine } from '../core/engine.ts';

const HLS_TYPE = 'application/vnd.apple.mpegurl';

/**
 * hls.js wherever it works, and the browser's own HLS only without Media Source Extensions. The order matters: Chromium
 * answers "maybe" for HLS, and cannot be relied on to play it live.
 */
export const openEngine: OpenEngine = async (options: EngineOptions): Promise<Engine | undefined> => {
  if (!hasMediaSource()) return openNative(options);
  const [{ default: light }, { HlsEngine, withoutReplay }] = await loadHls();
  if (light.isSupported())
    return new HlsEngine(options, {
      light: withoutReplay(light),
      full: async () => withoutReplay((await import('hls.js')).default),
    });
  return openNative(options);
};

/** Begins to load what nearly every browser needs, while the elements that it plays in are not there yet. */
export function prepareEngine(): void {
  // What fails here is loaded again when an engine opens.
  if (hasMediaSource()) loadHls().catch(() => undefined);
}

/** Together: what connects hls.js to the player is of no use without it, and much smaller. */
const loadHls = () => Promise.all([import('hls.js/light'), import('./hls-code.ts')]);

/** In a file of its own, because hardly any browser needs it. */
async function openNative(options: EngineOptions): Promise<Engine | undefined> {
  if (!playsHls(options.video)) return undefined;
  const { NativeEngine } = await import('./native-engine.ts');
  return new NativeEngine(options);
}

function hasMediaSource(): boolean {
  return 'MediaSource' in globalThis || 'ManagedMediaSource' in globalThis;
}

function playsHls(video: HTMLVideoElement): boolean {
  return video.canPlayType(HLS_TYPE) !== '';
}
