import type { IAgoraRTC, IAgoraRTCRemoteUser } from 'agora-rtc-sdk-ng';

/** Configuration of a page that shows or records a channel with the browser's own means. */
export interface RivalPageConfig {
  readonly appId: string;
  readonly channelName: string;
  readonly uid: number;
  readonly token: string;
  readonly accessPoints: {
    readonly hosts: readonly string[];
    readonly domain: string;
    readonly port: number;
  };
  /** Records to this WebSocket instead of displaying. An empty mimeType leaves the choice to the browser. */
  readonly record?: { readonly url: string; readonly mimeType: string; readonly everyMs: number } | undefined;
}

/** The SDK's script and the page's own script define these on the window. */
declare const AgoraRTC: IAgoraRTC;
declare const rivalPageConfig: RivalPageConfig;

/** Fills the window with the host's video and plays its audio, with the SDK's own players. */
function show(user: IAgoraRTCRemoteUser): void {
  user.videoTrack?.play(document.body, { fit: 'contain' });
  user.audioTrack?.play();
}

async function record(
  user: IAgoraRTCRemoteUser,
  options: NonNullable<RivalPageConfig['record']>,
): Promise<void> {
  const tracks = [user.videoTrack, user.audioTrack].flatMap((track) => track?.getMediaStreamTrack() ?? []);
  const socket = new WebSocket(options.url);
  socket.binaryType = 'arraybuffer';
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  const { mimeType } = options;
  const recorder = new MediaRecorder(new MediaStream(tracks), {
    ...(mimeType === '' ? {} : { mimeType }),
    videoBitsPerSecond: 2_500_000,
  });
  recorder.ondataavailable = ({ data }) => {
    socket.send(data);
  };
  recorder.start(options.everyMs);
}

async function join(config: RivalPageConfig): Promise<void> {
  AgoraRTC.setLogLevel(3);
  const client = AgoraRTC.createClient({
    mode: 'live',
    codec: 'h264',
    role: 'audience',
    clientRoleOptions: { level: 1 },
  });
  const { hosts, domain, port } = config.accessPoints;
  client.setLocalAccessPointsV2({ accessPoints: { serverList: [...hosts], domain, port } });
  client.on('user-published', (user, kind) => {
    if (kind === 'datachannel') return;
    void client.subscribe(user, kind).then(() => {
      if (user.videoTrack === undefined || user.audioTrack === undefined) return;
      if (config.record === undefined) show(user);
      else void record(user, config.record);
    });
  });
  await client.join(config.appId, config.channelName, config.token, config.uid);
}

void join(rivalPageConfig);
