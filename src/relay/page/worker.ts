import { encodeFrame } from '../frame-protocol.ts';
import { av1Size } from './av1-size.ts';
import { Backlog } from './backlog.ts';
import { KeyframeRequests } from './keyframe-requests.ts';
import { substituteFor } from './substitutes.ts';
import type { TransformOptions, WorkerCommand, WorkerCounts } from './worker-protocol.ts';

/**
 * Takes every encoded frame on its way to the decoder, sends it to the relay, and passes the decoder a tiny
 * substitute for each frame. Audio ends here: it is not played, and lost audio packets are not requested again.
 */
declare const self: DedicatedWorkerGlobalScope;

/** Keyframe requests are checked with each frame; this interval is for times without frames. */
const KEYFRAME_CHECK_MS = 500;
const RECONNECT_AFTER_MS = 100;

/** The metadata of a frame. The standard's newest fields are missing in TypeScript's types. */
interface FrameMetadata {
  readonly synchronizationSource?: number;
  readonly rtpTimestamp?: number;
  readonly receiveTime?: number;
  readonly mimeType?: string;
  readonly width?: number;
  readonly height?: number;
}

let socket: WebSocket | undefined;
let followed: ReadonlySet<number> = new Set();
const backlog = new Backlog();
const keyframes = new KeyframeRequests(2_000);
const videoTransformers = new Map<number, RTCRtpScriptTransformer>();
/**
 * Receivers for which a keyframe was requested. With each frame that they decode before a keyframe arrives, Chromium
 * repeats the request up to five times per second (keyframe_generation_requested_ in libwebrtc's
 * video/video_receive_stream2.cc); without frames it does so every 3 s. Therefore they get no frames until then.
 */
const waiting = new Set<number>();

self.onmessage = ({ data }: MessageEvent<WorkerCommand>) => {
  switch (data.type) {
    case 'connect':
      connect(data.url);
      break;
    case 'keyframe-interval':
      keyframes.intervalMs = data.intervalMs;
      break;
    case 'follow':
      if (data.receivers.some((id) => !followed.has(id) && videoTransformers.has(id))) keyframes.restart();
      followed = new Set(data.receivers);
      askForKeyframe();
      break;
    case 'request-keyframe':
      keyframes.want();
      askForKeyframe();
      break;
    case 'count': {
      const counts: WorkerCounts = { framesDropped: backlog.framesDropped };
      self.postMessage(counts);
      break;
    }
  }
};

/** Connects to the relay, and reconnects whenever the connection is lost. Frames in between are lost. */
function connect(url: string): void {
  const opened = new WebSocket(url);
  opened.binaryType = 'arraybuffer';
  opened.onclose = () => {
    backlog.connectionLost();
    setTimeout(() => connect(url), RECONNECT_AFTER_MS);
  };
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
  const decoder = transformer.writable.getWriter();
  const worker = new WritableStream<RTCEncodedVideoFrame | RTCEncodedAudioFrame>({
    write(frame) {
      const metadata: FrameMetadata = frame.getMetadata();
      if (followed.has(options.receiver)) handOver(frame, metadata, options);
      if (options.kind === 'audio') return undefined;
      if (waiting.has(options.receiver) && !isKeyframe(frame)) return undefined;
      waiting.delete(options.receiver);
      const substitute = substituteFor(metadata.mimeType ?? '');
      if (substitute !== undefined) frame.data = substitute;
      return decoder.write(frame);
    },
  });
  try {
    await transformer.readable.pipeTo(worker);
  } catch {
    // The receiver has ended; its successor has a separate transform.
  } finally {
    videoTransformers.delete(options.receiver);
    waiting.delete(options.receiver);
  }
}

function handOver(
  frame: RTCEncodedVideoFrame | RTCEncodedAudioFrame,
  metadata: FrameMetadata,
  { receiver, kind }: TransformOptions,
): void {
  const key = isKeyframe(frame);
  const now = performance.now();
  if (key) keyframes.keyframeCame(now);
  else if (kind === 'video') askForKeyframe();
  const connection = {
    open: socket?.readyState === WebSocket.OPEN,
    waitingBytes: socket?.bufferedAmount ?? 0,
  };
  if (!backlog.admits(kind, key, connection)) return;
  const data = new Uint8Array(frame.data);
  const { width = 0, height = 0, mimeType = '' } = metadata;
  const size = key && width === 0 && /av1/i.test(mimeType) ? av1Size(data) : { width, height };
  socket?.send(
    encodeFrame({
      kind,
      key,
      receiver,
      ssrc: metadata.synchronizationSource ?? 0,
      rtpTimestamp: metadata.rtpTimestamp ?? 0,
      ageMs: metadata.receiveTime === undefined ? 0 : now - metadata.receiveTime,
      mimeType,
      width: size?.width ?? 0,
      height: size?.height ?? 0,
      data,
    }),
  );
}

function isKeyframe(frame: RTCEncodedVideoFrame | RTCEncodedAudioFrame): boolean {
  return 'type' in frame && frame.type === 'key';
}

function askForKeyframe(): void {
  const transformers = [...videoTransformers].filter(([receiver]) => followed.has(receiver));
  if (transformers.length === 0 || !keyframes.due(performance.now())) return;
  for (const [receiver, transformer] of transformers) {
    waiting.add(receiver);
    transformer.sendKeyFrameRequest().catch(() => {
      // The receiver has stopped; the request is sent to its successor instead.
    });
  }
}

setInterval(askForKeyframe, KEYFRAME_CHECK_MS);
