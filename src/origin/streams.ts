import { join } from 'node:path';
import type { Logger } from 'pino';
import type {
  OriginPlaybackGrant,
  OriginStream,
  OriginStreamSpec,
  OriginStreamWithKey,
} from '../api/origin-contract.ts';
import type { SecretText } from '../base/secret-text.ts';
import { Broadcast } from './broadcast.ts';
import type { Session } from './broadcast.ts';
import type { DeliveryCounter } from './delivery-counter.ts';
import { OriginProblem } from './errors.ts';
import { MAX_KEYFRAME_GAP_MS, type CutReason } from './limits.ts';
import type { KeepRules } from './liveness.ts';
import type { NginxControl } from './nginx-control.ts';
import type { OriginMetrics } from './metrics.ts';
import { grantedPlaybackUrl } from './playback-grants.ts';
import type { RegisteredStream, StreamRegistry } from './stream-registry.ts';
import type { ViewerCounter } from './viewer-counter.ts';

/** What Streams needs. */
export interface StreamsOptions extends KeepRules {
  readonly publicUrl: string;
  readonly ingestUrl: string;
  readonly hlsDir: string;
  readonly playbackKey: SecretText;
  readonly ffmpeg: string;
  readonly segmentSeconds: number;
  readonly playlistSegments: number;
  readonly maxStreams: number;
  readonly packagerMemoryMib: number;
  readonly inputUrl: (rtmpName: string) => string;
  readonly registry: StreamRegistry;
  readonly viewers: ViewerCounter;
  readonly delivered: DeliveryCounter;
  readonly control: NginxControl;
  readonly metrics: OriginMetrics;
  readonly log: Logger;
  readonly now: () => number;
}

/** How long a publisher waits for its packager, so that the packager does not miss the first frames. */
const PACKAGER_READY_LIMIT_MS = 1500;

/** What is logged when a publisher is disconnected. */
const CUT_MESSAGES: Readonly<Record<CutReason, string>> = {
  bitrate: 'publisher disconnected: it exceeds the highest bitrate (LIVECHANNEL_ORIGIN_MAX_BITRATE_KBPS)',
  'no-keyframe': `publisher disconnected: it sent no keyframe for ${MAX_KEYFRAME_GAP_MS / 1000} s`,
  'packager-memory':
    'publisher disconnected: its packager needs too much memory (LIVECHANNEL_ORIGIN_PACKAGER_MEMORY_MIB)',
};

/** The streams and their broadcasts, on which both the control API and nginx's hooks act. */
export class Streams {
  readonly #options: StreamsOptions;
  readonly #broadcasts = new Map<string, Broadcast>();
  /** Sessions whose packager has not requested its stream yet. */
  readonly #awaitingPackager = new Map<string, () => void>();

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  get(id: string): OriginStreamWithKey {
    const stream = this.#registered(id);
    return { ...this.#view(stream), streamKey: stream.streamKey.reveal() };
  }

  list(): OriginStream[] {
    return this.#options.registry.list().map((stream) => this.#view(stream));
  }

  async put(id: string, spec: OriginStreamSpec): Promise<OriginStreamWithKey> {
    const { registry, maxStreams, now } = this.#options;
    const before = registry.get(id);
    if (!before && registry.size >= maxStreams) {
      throw new OriginProblem(
        'TooManyStreams',
        `Stream ${id} was not created: the origin has reached its limit of ${maxStreams} streams (maxStreams).`,
      );
    }
    await registry.put(id, spec, new Date(now()));
    // The old key must not stay on air, and the media of a signed stream must not remain publicly accessible.
    if (before && before.access !== spec.access) await this.#remove(id);
    else if (before && before.keyVersion !== spec.keyVersion) await this.#cut(id);
    return this.get(id);
  }

  /**
   * An address at which the stream can be played: until the end of the grant if it is signed, without a limit if it
   * is public.
   */
  grantPlayback(id: string, grant: OriginPlaybackGrant): string {
    const stream = this.#registered(id);
    const { publicUrl, playbackKey } = this.#options;
    return stream.access === 'public'
      ? this.#view(stream).playbackUrl
      : grantedPlaybackUrl(publicUrl, playbackKey, stream.playbackId, grant);
  }

  /** Deletes a stream. The key is removed first, so that the disconnected publisher cannot return. */
  async delete(id: string): Promise<void> {
    const { registry, delivered } = this.#options;
    const playbackId = registry.get(id)?.playbackId;
    await registry.delete(id);
    await this.#remove(id);
    if (playbackId !== undefined) delivered.forget(playbackId);
  }

  /**
   * Handles a publisher with a key. Resolves to its new name, or undefined when it is refused. A new publisher
   * replaces the current one; if both sent a priority, as on Amazon IVS, the new one must have the higher priority,
   * so that a relay that was replaced while it was disconnected cannot return.
   *
   * https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/streaming-config-stream-takeover.html
   */
  async publish(key: string, clientId: string, priority?: number): Promise<string | undefined> {
    const { registry, log } = this.#options;
    const stream = registry.findByKey(key);
    if (!stream) {
      this.#options.metrics.publishes.inc({ result: 'refused' });
      log.warn({ client: clientId }, 'publisher refused: unknown or revoked key');
      return undefined;
    }
    const broadcast = this.#broadcasts.get(stream.id) ?? this.#broadcast(stream);
    this.#broadcasts.set(stream.id, broadcast);
    const present = broadcast.session?.priority;
    if (priority !== undefined && present !== undefined && priority <= present) {
      this.#options.metrics.publishes.inc({ result: 'outranked' });
      log.warn(
        { client: clientId, stream: stream.id, priority, present },
        'publisher refused: priority too low',
      );
      return undefined;
    }
    const { session, previous } = broadcast.begin(clientId, priority);
    log.info(
      { stream: stream.id, session: session.rtmpName, takeover: previous !== undefined },
      'publisher accepted',
    );
    if (previous) {
      this.#options.metrics.takeovers.inc();
      await this.#drop(previous);
    }
    await this.#packagerReady(session);
    // In the meantime the stream may have been deleted, its key changed, or its publisher replaced.
    const current = broadcast.session?.rtmpName === session.rtmpName;
    this.#options.metrics.publishes.inc({ result: current ? 'accepted' : 'superseded' });
    return current ? session.rtmpName : undefined;
  }

  publishDone(clientId: string): void {
    for (const [id, broadcast] of this.#broadcasts) {
      const { session } = broadcast;
      if (session?.clientId !== clientId) continue;
      this.#options.log.info({ stream: id, session: session.rtmpName }, 'publisher disconnected');
      broadcast.end(session);
    }
  }

  /**
   * Whether a client of the loopback port may play a stream: only packagers may, and only streams that are being
   * published.
   */
  play(rtmpName: string): boolean {
    const known = [...this.#broadcasts.values()].some(({ session }) => session?.rtmpName === rtmpName);
    if (known) this.#awaitingPackager.get(rtmpName)?.();
    return known;
  }

  /** A publisher was disconnected, or must be, because it takes more than it may. */
  cutOff(rtmpName: string, reason: CutReason): void {
    for (const [id, broadcast] of this.#broadcasts) {
      const { session } = broadcast;
      if (session?.rtmpName !== rtmpName) continue;
      this.#options.metrics.cuts.inc({ reason });
      this.#options.log.warn({ stream: id, session: rtmpName, reason }, CUT_MESSAGES[reason]);
      broadcast.end(session);
      void this.#drop(session);
    }
  }

  /** To be called when nginx has exited, and its connections with it. */
  ingestLost(): void {
    for (const broadcast of this.#broadcasts.values())
      if (broadcast.session) broadcast.end(broadcast.session);
  }

  /** To be called about every second: closes and removes broadcasts that have been off air for long. */
  async tick(): Promise<void> {
    this.#options.viewers.prune(this.#options.now());
    for (const [id, broadcast] of this.#broadcasts) {
      if (await broadcast.tick()) this.#broadcasts.delete(id);
      const { session } = broadcast;
      const reason = await broadcast.whyCut(this.#options.packagerMemoryMib);
      if (session !== undefined && reason !== undefined) this.cutOff(session.rtmpName, reason);
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#broadcasts.values()].map((broadcast) => broadcast.stop()));
  }

  #registered(id: string): RegisteredStream {
    const stream = this.#options.registry.get(id);
    if (!stream) throw new OriginProblem('UnknownStream', `Stream ${id} does not exist.`);
    return stream;
  }

  #view(stream: RegisteredStream): OriginStream {
    const { id, keyVersion, tags, access, createdAt, playbackId } = stream;
    const broadcast = this.#broadcasts.get(id);
    const liveSince = broadcast?.liveSince;
    return {
      id,
      keyVersion,
      tags,
      access,
      createdAt,
      ingestUrl: this.#options.ingestUrl,
      playbackUrl: `${this.#options.publicUrl}/hls/${playbackId}/index.m3u8`,
      live: broadcast?.live ?? false,
      liveSince: liveSince === undefined ? null : new Date(liveSince).toISOString(),
      ingestBitrateKbps: broadcast?.ingestBitrateKbps ?? 0,
      viewers: this.#options.viewers.count(playbackId, this.#options.now()),
      deliveredBytes: this.#options.delivered.count(playbackId),
    };
  }

  #broadcast({ id, access, playbackId }: RegisteredStream): Broadcast {
    const { hlsDir, log } = this.#options;
    return new Broadcast({
      ...this.#options,
      playbackId,
      // nginx serves the two folders under different conditions.
      directory: join(hlsDir, access, playbackId),
      log: log.child({ stream: id }),
      onPackagerRestart: () => {
        this.#options.metrics.packagerRestarts.inc();
      },
      onFirstSegment: (seconds) => {
        this.#options.metrics.firstSegment.observe(seconds);
      },
    });
  }

  async #remove(id: string): Promise<void> {
    await this.#cut(id);
    const broadcast = this.#broadcasts.get(id);
    this.#broadcasts.delete(id);
    await broadcast?.remove();
  }

  async #cut(id: string): Promise<void> {
    const broadcast = this.#broadcasts.get(id);
    const session = broadcast?.session;
    if (!broadcast || !session) return;
    broadcast.end(session);
    await this.#drop(session);
  }

  /** Disconnects a publisher. If nginx does not respond, it is being restarted, and the connection is gone with it. */
  async #drop(session: Session): Promise<void> {
    await this.#options.control.dropPublisher(session.rtmpName).catch((error: unknown) => {
      this.#options.log.warn(
        { err: error, session: session.rtmpName },
        'publisher could not be disconnected',
      );
    });
  }

  /**
   * Resolves once the packager reads the stream, or after PACKAGER_READY_LIMIT_MS: the packager is restarted until it does.
   */
  async #packagerReady({ rtmpName }: Session): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PACKAGER_READY_LIMIT_MS);
      this.#awaitingPackager.set(rtmpName, () => {
        clearTimeout(timer);
        resolve();
      });
    });
    this.#awaitingPackager.delete(rtmpName);
  }
}
