import { encodeFrame } from '../frame-protocol.ts';
import type { TransformOptions, WorkerCommand } from './worker-protocol.ts';

/**
 * Takes every encoded frame on its way to the decoder, hands a copy to the relay and lets the frame go on: a decoder
 * that gets nothing asks the host for key frames without end.
 */
declare const self: DedicatedWorkerGlobalScope;

/** So much unsent means that the relay does not read; frames are then dropped until the next key frame. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
/** No request is closer to the one before: a host's uplink pays for each key frame. */
const MIN_REQUEST_GAP_MS = 500;
const KEY_FRAME_CHECK_MS = 100;
const RECONNECT_AFTER_MS = 100;

let socket: WebSocket | undefined;
let dropping = false;
let keyFrameIntervalMs = 2_000;
let followed: ReadonlySet<number> = new Set();
let lastKeyFrameAt = 0;
let lastRequestAt = 0;
/** What every frame may say of itself; the standard's newest fields are not in TypeScript's types yet. */
interface FrameMetadata {
  readonly synchronizationSource?: number;
  readonly rtpTimestamp?: number;
  readonly receiveTime?: number;
  readonly mimeType?: string;
  readonly width?: number;
  readonly height?: number;
}

const videoTransformers = new Map<number, RTCRtpScriptTransformer>();

self.onmessage = ({ data }: MessageEvent<WorkerCommand>) => {
  switch (data.type) {
    case 'connect':
      connect(data.url);
      break;
    case 'key-frame-interval':
      keyFrameIntervalMs = data.intervalMs;
      break;
    case 'follow':
      if (data.receivers.some((id) => !followed.has(id))) lastKeyFrameAt = 0;
      followed = new Set(data.receivers);
      break;
    case 'request-key-frame':
      lastKeyFrameAt = 0;
      break;
  }
  askForKeyFrame();
};

/** Connects, and again whenever the connection is lost; frames of the time between are lost. */
function connect(url: string): void {
  const opened = new WebSocket(url);
  opened.binaryType = 'arraybuffer';
  opened.onclose = () => setTimeout(() => connect(url), RECONNECT_AFTER_MS);
  dropping = true; // a picture is not begun in the middle
  socket = opened;
}

self.onrtctransform = ({ transformer }: RTCTransformEvent) => {
  if (isTransformOptions(transformer.options)) void pass(transformer, transformer.options);
};

function isTransformOptions(value: unknown): value is TransformOptions {
  return typeof value === 'object' && value !== null && 'receiver' in value && 'kind' in value;
}

async function pass(transformer: RTCRtpScriptTransformer, options: TransformOptions): Promise<void> {
  if (options.kind === 'video') videoTransformers.set(options.receiver, transformer);
  const send = new TransformStream<RTCEncodedVideoFrame | RTCEncodedAudioFrame>({
    transform(frame, controller) {
      if (followed.has(options.receiver)) handOver(frame, options);
      controller.enqueue(frame);
    },
  });
  try {
    await transformer.readable.pipeThrough(send).pipeTo(transformer.writable);
  } finally {
    videoTransformers.delete(options.receiver);
  }
}

function handOver(
  frame: RTCEncodedVideoFrame | RTCEncodedAudioFrame,
  { receiver, kind }: TransformOptions,
): void {
  const metadata: FrameMetadata = frame.getMetadata();
  const key = 'type' in frame && frame.type === 'key';
  if (key) lastKeyFrameAt = performance.now();
  if (socket?.readyState !== WebSocket.OPEN) return;
  if (kind === 'video') dropping = !key && (dropping || socket.bufferedAmount > MAX_WAITING_BYTES);
  if (kind === 'video' && dropping) return;
  socket.send(
    encodeFrame({
      kind,
      key,
      receiver,
      ssrc: metadata.synchronizationSource ?? 0,
      rtpTimestamp: metadata.rtpTimestamp ?? 0,
      ageMs: metadata.receiveTime === undefined ? 0 : performance.now() - metadata.receiveTime,
      mimeType: metadata.mimeType ?? '',
      width: metadata.width ?? 0,
      height: metadata.height ?? 0,
      data: new Uint8Array(frame.data),
    }),
  );
}

/** Asks when the last key frame is as old as the interval, and again if none comes of it. */
function askForKeyFrame(): void {
  const now = performance.now();
  if (now - lastKeyFrameAt < keyFrameIntervalMs || now - lastRequestAt < MIN_REQUEST_GAP_MS) return;
  for (const [receiver, transformer] of videoTransformers) {
    if (!followed.has(receiver)) continue;
    lastRequestAt = now;
    transformer.sendKeyFrameRequest().catch(() => {
      // The receiver has stopped; its successor is asked instead.
    });
  }
}

setInterval(askForKeyFrame, KEY_FRAME_CHECK_MS);
