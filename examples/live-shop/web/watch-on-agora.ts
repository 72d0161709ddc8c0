import AgoraRTC, { type IAgoraRTCClient, type IAgoraRTCRemoteUser } from 'agora-rtc-sdk-ng';
import { trpc } from './trpc.ts';

const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 60_000;

export interface AgoraCallbacks {
  /** The first frame is on the screen, or the sound of a host without a camera plays. */
  readonly onPlaying: () => void;
  /** The host has come or left. */
  readonly onHost: (isThere: boolean) => void;
  /** The browser plays sound only after a tap anywhere on the page. */
  readonly onSoundBlocked: () => void;
}

/** Watches the host on Agora. Retries a failed join, after 5 s at first. Returns how to stop. */
export function watchOnAgora(
  container: HTMLElement,
  channelId: string,
  { onPlaying, onHost, onSoundBlocked }: AgoraCallbacks,
): () => void {
  AgoraRTC.setLogLevel(3); // errors
  AgoraRTC.onAutoplayFailed = onSoundBlocked;
  const request = { channelId, uid: randomUid() };
  const client = AgoraRTC.createClient({ mode: 'live', codec: 'h264', role: 'audience' });
  client.on('user-published', (user, kind) => {
    onHost(true);
    if (kind !== 'datachannel') play(client, user, kind, { container, onPlaying }).catch(console.error);
  });
  client.on('user-left', () => {
    onHost(false);
  });
  client.on('token-privilege-will-expire', () => {
    trpc.agora.viewerToken
      .mutate(request)
      .then(({ token }) => client.renewToken(token))
      .catch(console.error);
  });
  const left = new AbortController();
  const joined = join(client, request, left.signal);
  return () => {
    left.abort();
    joined.then(() => client.leave()).catch(console.error);
  };
}

async function play(
  client: IAgoraRTCClient,
  user: IAgoraRTCRemoteUser,
  kind: 'audio' | 'video',
  { container, onPlaying }: { readonly container: HTMLElement; readonly onPlaying: () => void },
): Promise<void> {
  await client.subscribe(user, kind);
  if (kind === 'audio') {
    user.audioTrack?.play();
    if (!user.hasVideo) onPlaying();
    return;
  }
  user.videoTrack?.on('first-frame-decoded', onPlaying);
  user.videoTrack?.play(container, { fit: 'contain' });
}

async function join(
  client: IAgoraRTCClient,
  request: { readonly channelId: string; readonly uid: number },
  left: AbortSignal,
): Promise<void> {
  const isLeft = (): boolean => left.aborted;
  for (let waitMs = FIRST_RETRY_MS; !isLeft(); waitMs = Math.min(waitMs * 2, LAST_RETRY_MS)) {
    try {
      const { appId, channelName, token, uid } = await trpc.agora.viewerToken.mutate(request);
      if (!isLeft()) await client.join(appId, channelName, token, uid);
      return;
    } catch (error) {
      if (isLeft()) return;
      console.error(error); // When many go to Agora at once, some requests fail.
      await new Promise((done) => setTimeout(done, waitMs));
    }
  }
}

/** From 2: uid 1 is the host's. Relays have uids from 4,000,000,000 on. */
function randomUid(): number {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  return 2 + (random % 3_999_999_998);
}
