/**
 * Keeps the SDK from listening to the host. It ties each sound that it subscribes to to an audio element and an
 * AudioContext, played or not, and Chromium then decodes it, mixes it and keeps output devices going for no one: a fifth
 * of what the page costs. Must run before the SDK loads.
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
