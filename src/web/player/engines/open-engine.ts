import type { Engine, EngineOptions, OpenEngine } from '../core/engine.ts';

const HLS_TYPE = 'application/vnd.apple.mpegurl';

/**
 * hls.js wherever it works, and the browser's own HLS only without Media Source Extensions. The order matters: Chromium
 * answers "maybe" for HLS, and cannot be relied on to play it live.
 */
export const openEngine: OpenEngine = async (options: EngineOptions): Promise<Engine | undefined> => {
  if (!hasMediaSource()) return openNative(options);
  // Together: what connects hls.js to the player is of no use without it, and much smaller.
  const [{ default: light }, { HlsEngine, withoutReplay }] = await Promise.all([
    import('hls.js/light'),
    import('./hls-code.ts'),
  ]);
  if (light.isSupported())
    return new HlsEngine(options, {
      light: withoutReplay(light),
      full: async () => withoutReplay((await import('hls.js')).default),
    });
  return openNative(options);
};

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
