import { rename, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { PlaybackId } from './keys.ts';
import type { CutReason } from './limits.ts';
import { isLive, liveSinceAfter, upkeep, whyCut } from './liveness.ts';
import type { BroadcastTimes, KeepRules } from './liveness.ts';
import { PACKAGER_INIT } from './packager-files.ts';
import { startPackager } from './packager.ts';
import type { FinishedSegment, Packager } from './packager.ts';
import { append, collect, emptyPlaylist, render } from './playlist.ts';
import type { Playlist, Segment } from './playlist.ts';
import { serial } from '../base/serial.ts';

/** What a Broadcast needs. */
export interface BroadcastOptions extends KeepRules {
  readonly playbackId: PlaybackId;
  /** The stream's folder under the HLS folder; created and removed by the broadcast. */
  readonly directory: string;
  readonly ffmpeg: string;
  readonly segmentSeconds: number;
  readonly playlistSegments: number;
  /** URL from which FFmpeg reads the RTMP stream of that name. */
  readonly inputUrl: (rtmpName: string) => string;
  readonly now: () => number;
  readonly log: Logger;
  readonly onPackagerRestart: () => void;
  readonly onFirstSegment: (secondsSincePublish: number) => void;
}

/** The connection of one publisher. */
export interface Session {
  /** nginx's number of the connection. */
  readonly clientId: string;
  /**
   * Name of this session, and of no other, inside nginx, so that a replaced publisher cannot mix into the new
   * session.
   */
  readonly rtmpName: string;
  readonly startedAt: number;
  /** Priority that the publisher sent; undefined if it sent none. */
  readonly priority: number | undefined;
}

interface RunningSession extends Session {
  packager: Packager | undefined;
  packedSince: number;
  lastSegmentAt: number | undefined;
  over: boolean;
  segments: number;
  crashes: number;
}

const BITRATE_WINDOW_MS = 10_000;
const MAX_RESTART_DELAY_MS = 4000;

/**
 * The media of one stream: the publisher's session, the packager that serves it, and the playlist that continues
 * across sessions and packagers.
 */
export class Broadcast {
  readonly #options: BroadcastOptions;
  readonly #inTurn = serial();
  readonly #ending = new Set<Promise<void>>();
  #session: RunningSession | undefined;
  #playlist: Playlist;
  #recent: { readonly at: number; readonly bytes: number; readonly seconds: number }[] = [];
  #lastSegmentAt: number | undefined;
  #liveSince: number | undefined;
  #closed = false;
  #removed = false;
  #lastNumber = 0;

  constructor(options: BroadcastOptions) {
    this.#options = options;
    this.#playlist = emptyPlaylist(Math.floor(options.now() / 1000));
  }

  get session(): Session | undefined {
    return this.#session;
  }

  get live(): boolean {
    return isLive(this.#times, this.#options.now());
  }

  get liveSince(): number | undefined {
    return this.live ? this.#liveSince : undefined;
  }

  get ingestBitrateKbps(): number {
    if (!this.live) return 0;
    const since = this.#options.now() - BITRATE_WINDOW_MS;
    const recent = this.#recent.filter(({ at }) => at >= since);
    const seconds = recent.reduce((sum, one) => sum + one.seconds, 0);
    const bytes = recent.reduce((sum, one) => sum + one.bytes, 0);
    return seconds === 0 ? 0 : Math.round((bytes * 8) / 1000 / seconds);
  }

  /** Starts a session for a new publisher. A previous session ends, and the caller drops its connection. */
  begin(clientId: string, priority?: number): { session: Session; previous: Session | undefined } {
    const previous = this.#session;
    if (previous) this.end(previous);
    const rtmpName = `${this.#options.playbackId}-${this.#nextNumber()}`;
    const startedAt = this.#options.now();
    const session: RunningSession = {
      clientId,
      rtmpName,
      startedAt,
      priority,
      packager: undefined,
      packedSince: startedAt,
      lastSegmentAt: undefined,
      over: false,
      segments: 0,
      crashes: 0,
    };
    this.#session = session;
    this.#pack(session);
    return { session, previous };
  }

  /** Ends the session after its publisher has disconnected. The last, shorter segment is still added. */
  end(session: Session): void {
    const running = this.#session;
    if (running?.rtmpName !== session.rtmpName) return;
    running.over = true;
    this.#session = undefined;
    const stopped: Promise<void> = (running.packager?.stop() ?? Promise.resolve()).finally(() => {
      this.#ending.delete(stopped);
    });
    this.#ending.add(stopped);
  }

  /** To be called about every second: why the publisher must be disconnected; undefined if it stays. */
  async whyCut(packagerMemoryMib: number): Promise<CutReason | undefined> {
    const session = this.#session;
    if (session === undefined) return undefined;
    const packagerMib = await session.packager?.memoryMib();
    const { packedSince, lastSegmentAt } = session;
    return whyCut({ packedSince, lastSegmentAt, packagerMib }, packagerMemoryMib, this.#options.now());
  }

  /** To be called about every second. Resolves true once nothing is left of the broadcast. */
  async tick(): Promise<boolean> {
    const decision = upkeep(this.#times, this.#options, this.#options.now());
    if (decision === 'remove') {
      await this.remove();
      return true;
    }
    if (decision === 'close' && !this.#closed) {
      await this.#inTurn(async () => {
        this.#closed = true;
        await this.#publish();
      });
    }
    return false;
  }

  /** Ends the session and closes the playlist for players. A new publisher can still start another session. */
  async close(): Promise<void> {
    await this.stop();
    await this.#inTurn(async () => {
      if (this.#removed || this.#session !== undefined || this.#lastSegmentAt === undefined) return;
      this.#closed = true;
      await this.#publish();
    });
  }

  /** Ends the session and deletes all files. */
  async remove(): Promise<void> {
    this.#removed = true;
    await this.stop();
    await this.#inTurn(() => rm(this.#options.directory, { recursive: true, force: true }));
  }

  async stop(): Promise<void> {
    if (this.#session) this.end(this.#session);
    await Promise.all(this.#ending);
  }

  get #times(): BroadcastTimes {
    return {
      publishing: this.#session !== undefined,
      lastSegmentAt: this.#lastSegmentAt,
      liveSince: this.#liveSince,
    };
  }

  /** Unix time in seconds where possible, so that the number is also unique across restarts of the origin. */
  #nextNumber(): number {
    this.#lastNumber = Math.max(this.#lastNumber + 1, Math.floor(this.#options.now() / 1000));
    return this.#lastNumber;
  }

  #pack(session: RunningSession): void {
    const { directory, ffmpeg, segmentSeconds, inputUrl, log } = this.#options;
    const run = String(this.#nextNumber());
    let nextStart: number | undefined;
    session.packedSince = this.#options.now();
    startPackager({
      ffmpeg,
      segmentSeconds,
      log,
      inputUrl: inputUrl(session.rtmpName),
      directory: join(directory, run),
      onSegment: async (segment) => {
        const now = this.#options.now();
        // The arrival of the first segment anchors the run; after that, the media's own clock is exact.
        const startedAt = nextStart ?? now - segment.seconds * 1000;
        nextStart = startedAt + segment.seconds * 1000;
        session.lastSegmentAt = now;
        if (session.segments++ === 0) this.#options.onFirstSegment((now - session.startedAt) / 1000);
        await this.#add(run, segment, startedAt);
      },
      onExit: ({ code }) => {
        session.packager = undefined;
        if (session.over) return;
        const delay = Math.min(250 * 2 ** session.crashes++, MAX_RESTART_DELAY_MS);
        log.warn(
          { code, restartInMs: delay },
          'packager exited while its publisher was connected; it will be restarted',
        );
        this.#options.onPackagerRestart();
        setTimeout(() => {
          if (!session.over) this.#pack(session);
        }, delay);
      },
    }).then(
      (packager) => {
        session.packager = packager;
        if (session.over) void packager.stop();
      },
      (error: unknown) => {
        log.error({ err: error, directory }, 'the folder of the packager could not be created');
      },
    );
  }

  #add(run: string, { file, seconds, bytes }: FinishedSegment, startedAt: number): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#removed) return;
      const now = this.#options.now();
      this.#liveSince = liveSinceAfter(this.#times, startedAt);
      this.#lastSegmentAt = now;
      this.#closed = false;
      this.#recent = [
        ...this.#recent.filter(({ at }) => at > now - BITRATE_WINDOW_MS),
        { at: now, bytes, seconds },
      ];
      const segment: Segment = {
        uri: `${run}/${file}`,
        mapUri: `${run}/${PACKAGER_INIT}`,
        seconds,
        bytes,
        startedAt,
      };
      const { playlist, files } = collect(
        append(this.#playlist, segment, this.#options.playlistSegments, now),
        now,
      );
      this.#playlist = playlist;
      await this.#publish();
      await Promise.all(files.map((name) => rm(join(this.#options.directory, name), { force: true })));
    });
  }

  /** Replaces the playlist atomically, so that no player reads half of it. */
  async #publish(): Promise<void> {
    const { directory } = this.#options;
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'index.m3u8.new'), render(this.#playlist, this.#closed));
    await rename(join(directory, 'index.m3u8.new'), join(directory, 'index.m3u8'));
  }
}
