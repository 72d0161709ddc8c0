import type { PageCommand, PageEvent, VideoStream } from '../page-protocol.ts';
import { playNothing } from './play-nothing.ts';
import { ReceptionCount } from './reception.ts';
import { quietSdk, Room } from './room.ts';
import { tappedReceiver, tapReceivers, type TappedReceiver } from './tap.ts';
import type { WorkerCommand, WorkerCounts } from './worker-protocol.ts';

/** The relay's page: a viewer of one Agora channel that displays nothing and forwards what it receives. */

const HEARTBEAT_MS = 1_000;
const RELOAD_AFTER_MS = 100;

const socketUrl = (name: string): string => new URL(name, location.href).href.replace(/^http/, 'ws');

const worker = new Worker('worker.js');
const command = (message: WorkerCommand): void => worker.postMessage(message);
let counts: WorkerCounts = { framesDropped: 0 };
worker.onmessage = ({ data }: MessageEvent<WorkerCounts>) => (counts = data);
playNothing();
tapReceivers(worker);
command({ type: 'connect', url: socketUrl('frames') });

let control: WebSocket | undefined;
const report = (event: PageEvent): void => {
  if (control?.readyState === WebSocket.OPEN) control.send(JSON.stringify(event));
};

let followed: readonly TappedReceiver[] = [];
const reception = new ReceptionCount();

function follow(receivers: readonly (RTCRtpReceiver | MediaStreamTrack)[]): void {
  followed = receivers.map(tappedReceiver).filter((receiver) => receiver !== undefined);
  if (followed.length < receivers.length)
    report({ type: 'error', message: 'A receiver of the host has no transform.' });
  command({ type: 'follow', receivers: followed.map(({ id }) => id) });
}

/** Sends a heartbeat with the statistics known so far: a browser with slow statistics is not a dead browser. */
function beat(): void {
  report({ type: 'heartbeat', reception: reception.total(counts.framesDropped) });
  command({ type: 'count' });
  for (const { id, receiver } of followed) {
    receiver.getStats().then(
      (stats) => reception.add(id, stats.values()),
      () => {
        // The receiver's connection was closed; what it received before remains counted.
      },
    );
  }
}

let room: Room | undefined;
let videoStream: VideoStream = 'high';

async function obey(message: PageCommand): Promise<void> {
  switch (message.type) {
    case 'join': {
      const before = room;
      const next = new Room({ settings: message.settings, report, follow, videoStream });
      room = next;
      command({ type: 'keyframe-interval', intervalMs: message.settings.keyframeIntervalMs });
      await before?.leave();
      if (room === next) await next.join();
      break;
    }
    case 'leave': {
      const before = room;
      room = undefined;
      await before?.leave();
      break;
    }
    case 'renew-token':
      await room?.renewToken(message.token);
      break;
    case 'request-keyframe':
      command({ type: 'request-keyframe' });
      break;
    case 'video-stream':
      videoStream = message.stream;
      room?.setVideoStream(videoStream);
      break;
  }
}

/** Only the relay can connect to this page's sockets, so a check of the shape is sufficient. */
function isCommand(value: unknown): value is PageCommand {
  return typeof value === 'object' && value !== null && 'type' in value;
}

/** The SDK's script is loaded after this one, so the page starts only when everything is loaded. */
addEventListener('load', () => {
  quietSdk();
  control = new WebSocket(socketUrl('control'));
  control.onopen = () => {
    beat();
    setInterval(beat, HEARTBEAT_MS);
  };
  // When the network changes, as in a new pod, Chromium closes connections, including those to the loopback
  // interface. Lost reports cannot be sent again one by one, so the page reloads.
  control.onclose = () => setTimeout(() => location.reload(), RELOAD_AFTER_MS);
  control.onmessage = ({ data }: MessageEvent<string>) => {
    const message: unknown = JSON.parse(data);
    if (!isCommand(message)) return;
    obey(message).catch((error: unknown) => report({ type: 'error', message: String(error) }));
  };
});
