/**
 * Keeps the SDK from playing the host's audio. It connects each subscribed audio track to an audio element and an
 * AudioContext, played or not, and Chromium then decodes it, mixes it and keeps output devices running without a
 * listener: a fifth of the page's cost. Must run before the SDK loads.
 */
export function playNothing(): void {
  window.AudioContext = class extends AudioContext {
    constructor(options?: AudioContextOptions) {
      super(options);
      void super.suspend();
    }

    override resume(): Promise<void> {
      return Promise.resolve();
    }
  };
  Object.defineProperty(HTMLAudioElement.prototype, 'srcObject', {
    configurable: true,
    get: () => null,
    set: () => undefined,
  });
}
