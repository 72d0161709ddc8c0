import type { TransformOptions } from './worker-protocol.ts';

const receiverIds = new WeakMap<RTCRtpReceiver | MediaStreamTrack, number>();
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
  if (receiverIds.has(receiver)) return;
  const options: TransformOptions = {
    receiver: ++lastId,
    kind: receiver.track.kind === 'video' ? 'video' : 'audio',
  };
  receiverIds.set(receiver, options.receiver);
  receiverIds.set(receiver.track, options.receiver);
  receiver.transform = new RTCRtpScriptTransform(worker, options);
}

/** The number under which the worker knows a receiver, or the receiver of a track; undefined for one not tapped. */
export function receiverId(of: RTCRtpReceiver | MediaStreamTrack): number | undefined {
  return receiverIds.get(of);
}
