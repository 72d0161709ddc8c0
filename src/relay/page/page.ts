import type { PageCommand, PageEvent } from '../page-protocol.ts';
import { quietSdk, Room } from './room.ts';
import { receiverId, tapReceivers } from './tap.ts';
import type { WorkerCommand } from './worker-protocol.ts';

/** The relay's page: a viewer of one Agora channel that shows nothing and hands on what it receives. */

const HEARTBEAT_MS = 1_000;
const RELOAD_AFTER_MS = 100;

const socketUrl = (name: string): string => new URL(name, location.href).href.replace(/^http/, 'ws');

const worker = new Worker('worker.js');
const command = (message: WorkerCommand): void => worker.postMessage(message);
tapReceivers(worker);
command({ type: 'connect', url: socketUrl('frames') });

let control: WebSocket | undefined;
const report = (event: PageEvent): void => {
  if (control?.readyState === WebSocket.OPEN) control.send(JSON.stringify(event));
};

function follow(receivers: readonly (RTCRtpReceiver | MediaStreamTrack)[]): void {
  const ids = receivers.map(receiverId).filter((id) => id !== undefined);
  if (ids.length < receivers.length) report({ type: 'error', message: 'A receiver of the host has no tap.' });
  command({ type: 'follow', receivers: ids });
}

let room: Room | undefined;

async function obey(message: PageCommand): Promise<void> {
  switch (message.type) {
    case 'join':
      // Whatever becomes of the one before: the next membership uses a client of its own.
      await room?.leave().catch((error: unknown) => {
        report({ type: 'error', message: String(error) });
      });
      command({ type: 'key-frame-interval', intervalMs: message.settings.keyFrameIntervalMs });
      room = new Room({ settings: message.settings, report, follow });
      await room.join();
      break;
    case 'leave':
      await room?.leave();
      room = undefined;
      break;
    case 'renew-token':
      await room?.renewToken(message.token);
      break;
    case 'request-key-frame':
      command({ type: 'request-key-frame' });
      break;
  }
}

/** Only the relay knows the way to this page's sockets, so a look at the shape is enough. */
function isCommand(value: unknown): value is PageCommand {
  return typeof value === 'object' && value !== null && 'type' in value;
}

/** The SDK's script comes after this one, so nothing is begun before everything is loaded. */
addEventListener('load', () => {
  quietSdk();
  control = new WebSocket(socketUrl('control'));
  control.onopen = () => {
    report({ type: 'heartbeat' });
    setInterval(() => report({ type: 'heartbeat' }), HEARTBEAT_MS);
  };
  // A network that changes, as a new pod's does, makes Chromium drop connections, also those to this machine. What the
  // relay did not hear cannot be told again piece by piece: begin anew.
  control.onclose = () => setTimeout(() => location.reload(), RELOAD_AFTER_MS);
  control.onmessage = ({ data }: MessageEvent<string>) => {
    const message: unknown = JSON.parse(data);
    if (!isCommand(message)) return;
    obey(message).catch((error: unknown) => report({ type: 'error', message: String(error) }));
  };
});
