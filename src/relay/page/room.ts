import type { IAgoraRTC, IAgoraRTCClient, IAgoraRTCRemoteUser } from 'agora-rtc-sdk-ng';
import type { Host, JoinSettings, PageEvent, VideoStream } from '../page-protocol.ts';
import { chooseHost } from './choose-host.ts';
import { describeError, roomFault } from './room-fault.ts';
import { TimeLimitError, withinLimit } from './time-limit.ts';

/** Values of the SDK's enumerations, which its package exports only as types. */
const STREAM_TYPES: Readonly<Record<VideoStream, number>> = { high: 0, low: 1 };
const FALLBACK_DISABLED = 0;
const AUDIENCE_LOW_LATENCY = 1;

/** The SDK itself waits without a limit for the response to a subscription. */
const SUBSCRIBE_LIMIT_MS = 8_000;
const LEAVE_LIMIT_MS = 2_000;
/** Delays after failed subscriptions; the delay doubles with each failure in a row. */
const SUBSCRIBE_RETRY = { firstMs: 500, maxMs: 8_000 };

/** The SDK's script defines this global. setParameter exists but is missing in its types. */
declare const AgoraRTC: IAgoraRTC & { setParameter(name: string, value: unknown): void };

/** What a Room needs. */
export interface RoomOptions {
  readonly settings: JoinSettings;
  readonly report: (event: PageEvent) => void;
  /** Called with the SDK's receivers, or their tracks, that carry the host's media now. */
  readonly follow: (receivers: readonly (RTCRtpReceiver | MediaStreamTrack)[]) => void;
  /** Which of the host's two streams to receive, if it publishes two. */
  readonly videoStream: VideoStream;
}

/** Restricts the page's network traffic to the media itself. */
export function quietSdk(): void {
  AgoraRTC.setLogLevel(3);
  AgoraRTC.disableLogUpload();
  for (const name of ['ENABLE_EVENT_REPORT', 'UPLOAD_LOG', 'ENABLE_CONFIG_DISTRIBUTE']) {
    AgoraRTC.setParameter(name, false);
  }
}

/** One membership of an Agora channel, as audience. The SDK reconnects it by itself until it gives up. */
export class Room {
  readonly #options: RoomOptions;
  readonly #client: IAgoraRTCClient;
  #followed: number | undefined;
  /**
   * Current subscriptions, as uid/kind. The SDK keeps a muted track, but without its receiver until it is subscribed
   * again.
   */
  readonly #subscribed = new Set<string>();
  #over = false;
  #videoStream: VideoStream;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** Subscriptions run one after the other, because the SDK does not support two at the same time for one user. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: RoomOptions) {
    this.#options = options;
    this.#videoStream = options.videoStream;
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

  /** Joins the channel. On failure, reports the cause and ends the membership. */
  async join(): Promise<void> {
    const { appId, channelName, token, uid, timeoutMs } = this.#options.settings;
    const timeout = setTimeout(
      () => this.#end(`No response from Agora within ${timeoutMs / 1000} s.`),
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

  setVideoStream(stream: VideoStream): void {
    this.#videoStream = stream;
    if (this.#followed === undefined) return;
    this.#preferStream(this.#followed).catch((error: unknown) => {
      this.#options.report({ type: 'error', message: describeError(error) });
    });
  }

  /** Ends the membership, even if the SDK does not succeed in leaving: the next membership uses a new client. */
  async leave(): Promise<void> {
    if (!this.#over) this.#options.follow([]);
    this.#over = true;
    clearTimeout(this.#retry);
    this.#client.removeAllListeners();
    try {
      await withinLimit('Leaving the channel', LEAVE_LIMIT_MS, this.#client.leave());
    } catch (error) {
      this.#options.report({ type: 'error', message: describeError(error) });
    }
  }

  #listen(): void {
    const client = this.#client;
    const { report } = this.#options;
    client.on('connection-state-change', (state, _previous, reason) => {
      report({ type: 'connection', state, reason: reason ?? '' });
      // DISCONNECTED is the state only after errors from which the SDK does not recover by itself.
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
    void this.leave();
  }

  #update(): void {
    clearTimeout(this.#retry);
    this.#work = this.#work.then(async () => {
      try {
        await this.#followHost();
        this.#failures = 0;
      } catch (error) {
        if (this.#over) return;
        // The SDK subscribes one track at a time: after a subscription that hangs on a live websocket, none would
        // follow.
        if (error instanceof TimeLimitError && this.#client.connectionState === 'CONNECTED') {
          this.#end(error.message);
          return;
        }
        this.#options.report({ type: 'error', message: describeError(error) });
        const delayMs = Math.min(SUBSCRIBE_RETRY.firstMs * 2 ** this.#failures++, SUBSCRIBE_RETRY.maxMs);
        this.#retry = setTimeout(() => this.#update(), delayMs);
      }
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
    const isNew = chosen !== undefined && chosen.uid !== this.#followed;
    this.#followed = chosen?.uid;
    this.#report(user);
    if (other !== undefined && other !== user) await this.#unsubscribe(other);
    // Sent before the subscription and without waiting for it, because not every edge supports it.
    if (isNew) this.#preferStream(chosen.uid).catch(() => undefined);
    try {
      if (user !== undefined) {
        for (const kind of ['video', 'audio'] as const) await this.#subscribe(user, kind);
      }
    } finally {
      // What is available of the host is followed, even if the rest is still missing.
      this.#bind();
    }
  }

  async #subscribe(user: IAgoraRTCRemoteUser, kind: 'video' | 'audio'): Promise<void> {
    const published = kind === 'video' ? user.hasVideo : user.hasAudio;
    const name = `${user.uid}/${kind}`;
    if (!published || this.#subscribed.has(name)) return;
    this.#subscribed.add(name);
    try {
      const what = `Subscribing to the ${kind} of ${user.uid}`;
      const track = await withinLimit(what, SUBSCRIBE_LIMIT_MS, this.#client.subscribe(user, kind));
      track.on('transceiver-updated', () => this.#bind());
    } catch (error) {
      this.#subscribed.delete(name);
      throw error;
    }
  }

  async #unsubscribe(user: IAgoraRTCRemoteUser): Promise<void> {
    this.#subscribed.delete(`${user.uid}/video`);
    this.#subscribed.delete(`${user.uid}/audio`);
    const what = `Unsubscribing from ${user.uid}`;
    await withinLimit(what, SUBSCRIBE_LIMIT_MS, this.#client.unsubscribe(user)).catch((error: unknown) => {
      // The remaining subscription only costs bandwidth: its frames are not followed.
      this.#options.report({ type: 'error', message: describeError(error) });
    });
  }

  /**
   * Prevents Agora from switching a host with two streams to the low-quality stream on a poor network. The SDK
   * repeats both requests after a reconnection.
   */
  async #preferStream(uid: number): Promise<void> {
    const streamType = this.#client.setRemoteVideoStreamType(uid, STREAM_TYPES[this.#videoStream]);
    await Promise.all([streamType, this.#client.setStreamFallbackOption(uid, FALLBACK_DISABLED)]);
  }

  /** Follows the host's receivers as the SDK has them now. */
  #bind(): void {
    if (this.#over) return;
    const user = this.#client.remoteUsers.find(({ uid }) => Number(uid) === this.#followed);
    const tracks = [user?.videoTrack, user?.audioTrack].filter((track) => track !== undefined);
    // After unmuting, the video track still has its receiver, but the SDK no longer knows which.
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
