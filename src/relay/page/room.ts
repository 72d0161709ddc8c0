import type { IAgoraRTC, IAgoraRTCClient, IAgoraRTCRemoteUser } from 'agora-rtc-sdk-ng';
import type { Host, JoinSettings, PageEvent } from '../page-protocol.ts';
import { chooseHost } from './choose-host.ts';
import { describeError, roomFault } from './room-fault.ts';

/** The SDK's enumerations, which exist only as types in what it publishes. */
const HIGH_STREAM = 0;
const FALLBACK_DISABLED = 0;
const AUDIENCE_LOW_LATENCY = 1;

/** The SDK's script puts this on the window. setParameter is there and not in its types. */
declare const AgoraRTC: IAgoraRTC & { setParameter(name: string, value: unknown): void };

export interface RoomOptions {
  readonly settings: JoinSettings;
  readonly report: (event: PageEvent) => void;
  /** Told which of the SDK's receivers, or their tracks, carry the host's media now. */
  readonly follow: (receivers: readonly (RTCRtpReceiver | MediaStreamTrack)[]) => void;
}

/** Keeps what leaves the page to the media itself. */
export function quietSdk(): void {
  AgoraRTC.setLogLevel(3);
  AgoraRTC.disableLogUpload();
  for (const name of ['ENABLE_EVENT_REPORT', 'UPLOAD_LOG', 'ENABLE_CONFIG_DISTRIBUTE']) {
    AgoraRTC.setParameter(name, false);
  }
}

/** One membership of an Agora channel, as audience; the SDK reconnects it by itself until it gives up. */
export class Room {
  readonly #options: RoomOptions;
  readonly #client: IAgoraRTCClient;
  #followed: number | undefined;
  /** What is subscribed to, as uid/kind. The SDK keeps a muted track, but without its receiver until subscribed again. */
  readonly #subscribed = new Set<string>();
  #over = false;
  /** Subscriptions are made one after the other: the SDK dislikes two at a time for one user. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: RoomOptions) {
    this.#options = options;
    this.#client = AgoraRTC.createClient({
      mode: 'live',
      codec: 'h264',
      role: 'audience',
      clientRoleOptions: { level: AUDIENCE_LOW_LATENCY },
    });
    const { accessPoints } = options.settings;
    if (accessPoints !== undefined) {
      const { hosts, domain, port } = accessPoints;
      this.#client.setLocalAccessPointsV2({ accessPoints: { serverList: [...hosts], domain, port } });
    }
    this.#listen();
  }

  /** Joins, or reports why not and is over. */
  async join(): Promise<void> {
    const { appId, channelName, token, uid, timeoutMs } = this.#options.settings;
    const timeout = setTimeout(
      () => this.#end(`No answer from Agora within ${timeoutMs / 1000} s.`),
      timeoutMs,
    );
    try {
      await this.#client.join(appId, channelName, token, uid);
      if (!this.#over) this.#options.report({ type: 'joined' });
      this.#update();
    } catch (error) {
      this.#end(describeError(error));
    } finally {
      clearTimeout(timeout);
    }
  }

  async renewToken(token: string): Promise<void> {
    await this.#client.renewToken(token);
  }

  async leave(): Promise<void> {
    this.#over = true;
    this.#options.follow([]);
    this.#client.removeAllListeners();
    await this.#client.leave();
  }

  #listen(): void {
    const client = this.#client;
    const { report } = this.#options;
    client.on('connection-state-change', (state, _previous, reason) => {
      report({ type: 'connection', state, reason: reason ?? '' });
      // Only what the SDK does not mend by itself ends in DISCONNECTED.
      if (state === 'DISCONNECTED' && reason !== undefined && reason !== 'LEAVE') this.#end(reason);
    });
    client.on('token-privilege-will-expire', () => report({ type: 'token-will-expire' }));
    client.on('token-privilege-did-expire', () => this.#end('TOKEN_EXPIRE'));
    client.on('user-unpublished', ({ uid }, kind) => this.#subscribed.delete(`${uid}/${kind}`));
    for (const event of ['user-published', 'user-unpublished', 'user-left', 'media-reconnect-end'] as const) {
      client.on(event, () => this.#update());
    }
  }

  #end(text: string): void {
    if (this.#over) return;
    this.#options.report({ type: 'left', fault: roomFault(text) });
    void this.leave().catch(() => {
      // It is over either way; the next membership uses another client.
    });
  }

  #update(): void {
    this.#work = this.#work
      .then(() => this.#followHost())
      .catch((error: unknown) => {
        this.#options.report({ type: 'error', message: describeError(error) });
      });
  }

  async #followHost(): Promise<void> {
    if (this.#over) return;
    const users = this.#client.remoteUsers;
    const publishers = users.map((user) => ({
      uid: Number(user.uid),
      video: user.hasVideo,
      audio: user.hasAudio,
    }));
    const chosen = chooseHost(publishers, this.#followed, this.#options.settings.hostUid);
    const user = users.find(({ uid }) => Number(uid) === chosen?.uid);
    const other = users.find(({ uid }) => Number(uid) === this.#followed);
    if (other !== undefined && other !== user) await this.#unsubscribe(other);
    if (chosen?.uid !== this.#followed && user !== undefined) await this.#preferHighStream(user);
    this.#followed = chosen?.uid;
    if (user !== undefined) {
      for (const kind of ['video', 'audio'] as const) await this.#subscribe(user, kind);
    }
    this.#bind(user);
    this.#report(user);
  }

  async #subscribe(user: IAgoraRTCRemoteUser, kind: 'video' | 'audio'): Promise<void> {
    const published = kind === 'video' ? user.hasVideo : user.hasAudio;
    const name = `${user.uid}/${kind}`;
    if (!published || this.#subscribed.has(name)) return;
    this.#subscribed.add(name);
    try {
      const track = await this.#client.subscribe(user, kind);
      track.on('transceiver-updated', () => this.#bind(user));
    } catch (error) {
      this.#subscribed.delete(name);
      throw error;
    }
  }

  async #unsubscribe(user: IAgoraRTCRemoteUser): Promise<void> {
    this.#subscribed.delete(`${user.uid}/video`);
    this.#subscribed.delete(`${user.uid}/audio`);
    await this.#client.unsubscribe(user);
  }

  /** A host that sends two streams must not be shown in the small one. Not every edge knows these requests. */
  async #preferHighStream({ uid }: IAgoraRTCRemoteUser): Promise<void> {
    await Promise.allSettled([
      this.#client.setRemoteVideoStreamType(uid, HIGH_STREAM),
      this.#client.setStreamFallbackOption(uid, FALLBACK_DISABLED),
    ]);
  }

  #bind(user: IAgoraRTCRemoteUser | undefined): void {
    const tracks = [user?.videoTrack, user?.audioTrack].filter((track) => track !== undefined);
    // A picture that was muted and is back has its receiver still, and the SDK has forgotten which.
    const receivers = tracks.map(
      (track) => track.getRTCRtpTransceiver()?.receiver ?? track.getMediaStreamTrack(),
    );
    this.#options.follow(receivers);
  }

  #report(user: IAgoraRTCRemoteUser | undefined): void {
    const host: Host | null =
      user === undefined ? null : { uid: Number(user.uid), video: user.hasVideo, audio: user.hasAudio };
    this.#options.report({ type: 'host', host });
  }
}
