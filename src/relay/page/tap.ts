import type { TransformOptions } from './worker-protocol.ts';

/** A receiver whose frames go through the worker. */
export interface TappedReceiver {
  /** Under which the worker knows it; no other of the page's life has it. */
  readonly id: number;
  readonly receiver: RTCRtpReceiver;
}

const tapped = new WeakMap<RTCRtpReceiver | MediaStreamTrack, TappedReceiver>();
let lastId = 0;

/**
 * Puts a transform on every receiver of every peer connection made from now on, so it must run before the SDK loads.
 *
 * The transform has to be there in the `track` event: put on later, after the receiver has begun to decode, it
 * stays without frames and says nothing. The SDK gives no hook that early, but it takes the RTCPeerConnection
 * that it finds. Receivers made by a reconnect come the same way.
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

/** What is known of a receiver, or of the receiver of a track; undefined for one not tapped. */
export function tappedReceiver(of: RTCRtpReceiver | MediaStreamTrack): TappedReceiver | undefined {
  return tapped.get(of);
}
