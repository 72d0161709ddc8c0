import type { AgoraFigures } from '@livechannel/react/seller';
import AgoraRTC from 'agora-rtc-sdk-ng';
import { startRelay, type StartedRelay } from './start-relay.ts';
import { trpc } from './trpc.ts';
import { watchUpload } from './watch-upload.ts';

export interface LiveShow {
  /** What became of the relay. The show is on Agora also if this fails. */
  readonly started: Promise<StartedRelay>;
  /** Ends the show for all. Can be repeated if it fails. */
  readonly end: () => Promise<void>;
}

interface GoLiveOptions {
  /** Where the seller sees the own camera. */
  readonly camera: HTMLElement;
  readonly onFigures: (figures: AgoraFigures) => void;
  /** Agora has ended the connection for good, and the camera is off. */
  readonly onLost: (reason: string) => void;
}

/** Publishes camera and microphone to the Agora channel, and starts the relay. */
export async function goLive(
  channelId: string,
  { camera, onFigures, onLost }: GoLiveOptions,
): Promise<LiveShow> {
  AgoraRTC.setLogLevel(3); // errors
  const { appId, channelName, uid, token } = await trpc.agora.hostToken.mutate({ channelId });
  // With h264 the relay passes the video on; other codecs are transcoded, for about three times the CPU.
  const client = AgoraRTC.createClient({ mode: 'live', codec: 'h264', role: 'host' });
  const tracks = await AgoraRTC.createMicrophoneAndCameraTracks({}, { encoderConfig: '720p_2' });
  const leave = async (): Promise<void> => {
    for (const track of tracks) track.close();
    await client.leave();
  };
  client.on('token-privilege-will-expire', () => {
    trpc.agora.hostToken
      .mutate({ channelId })
      .then((next) => client.renewToken(next.token))
      .catch(console.error);
  });
  client.on('connection-state-change', (state, _before, reason) => {
    const why: string = reason ?? 'no reason was given';
    if (state !== 'DISCONNECTED' || why === 'LEAVE') return;
    for (const track of tracks) track.close();
    onLost(why);
  });
  watchUpload(client, onFigures);
  try {
    await client.join(appId, channelName, token, uid);
    await client.publish(tracks);
    tracks[1].play(camera, { fit: 'contain', mirror: true });
  } catch (error) {
    await leave(); // The camera does not stay on.
    throw error;
  }
  const ended = new AbortController();
  const started = startRelay(channelId, ended.signal);
  const end = async (): Promise<void> => {
    ended.abort();
    await leave().catch(console.error);
    await started.catch(() => undefined); // A start that is still repeated would undo the stop.
    await trpc.relay.stop.mutate({ channelId });
  };
  return { started, end };
}
