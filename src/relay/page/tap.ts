import type { TransformOptions } from './worker-protocol.ts';

/** A receiver whose frames pass through the worker. */
export interface TappedReceiver {
  /** Number that identifies the receiver in the worker, unique within the page's lifetime. */
  readonly id: number;
  readonly receiver: RTCRtpReceiver;
}

const tapped = new WeakMap<RTCRtpReceiver | MediaStreamTrack, TappedReceiver>();
let lastId = 0;

/**
 * Adds a transform to every receiver of every peer connection created from now on, so it must run before the SDK
 * loads.
 *
 * The transform must be set in the `track` event: if it is set after the receiver has begun to decode, it silently
 * receives no frames. The SDK has no hook that early, but it uses the RTCPeerConnection that it finds. Receivers that
 * a reconnect creates are handled the same way.
 */
export function tapReceivers(worker: Worker): void {
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args: ConstructorParameters<typeof RTCPeerConnection>) {
      super(...args);
      this.addEventListener('track', ({ receiver }) => attach(receiver, worker));
    }
  };
}

function attach(receiver: RTCRtpReceiver, worker: Worker): void {
  if (tapped.has(receiver)) return;
  const entry = { id: ++lastId, receiver };
  const kind = receiver.track.kind === 'video' ? 'video' : 'audio';
  tapped.set(receiver, entry);
  tapped.set(receiver.track, entry);
  const options: TransformOptions = { receiver: entry.id, kind };
  receiver.transform = new RTCRtpScriptTransform(worker, options);
}

/** The entry of a receiver, or of the receiver of a track; undefined if it has no transform. */
export function tappedReceiver(of: RTCRtpReceiver | MediaStreamTrack): TappedReceiver | undefined {
  return tapped.get(of);
}
