import type { Logger } from 'pino';
import type { RelayConfig, RelayReport } from '../api/relay-contract.ts';
import { BrowserKeeper } from './browser/browser-keeper.ts';
import { PageServer } from './browser/page-server.ts';
import type { Clock } from './clock.ts';
import { decide, HEARTBEAT_LIMIT_MS, type Action, type Decision } from './decide.ts';
import type { Facts, Fault } from './facts.ts';
import { IngestKeeper } from './ingest/ingest-keeper.ts';
import { parseIngestTarget, type IngestTarget } from './ingest/ingest-target.ts';
import { MediaFlow } from './media/media-flow.ts';
import { RateMeter } from './media/rate-meter.ts';
import { changedParts, type RelayFiles } from './relay-files.ts';
import { report } from './report.ts';
import { RoomKeeper } from './room-keeper.ts';
import type { RelaySettings } from './settings.ts';

const TICK_MS = 200;
const JOIN_TIMEOUT_MS = 15_000;

export interface SupervisorOptions {
  readonly config: RelayConfig;
  readonly settings: RelaySettings;
  readonly files: RelayFiles;
  /** Folder with the built page. */
  readonly pageDirectory: string;
  /** Folder for the browsers' profiles. */
  readonly profileDirectory: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

export type RelayExit = Extract<Action, { type: 'exit' }>;

/**
 * Runs the relay: gathers the facts of its parts, has `decide` say what to do, and does it. The parts know how they
 * are and can be told to start and stop; none of them knows of the others.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #pageServer: PageServer;
  readonly #browser: BrowserKeeper;
  readonly #room: RoomKeeper;
  readonly #ingest: IngestKeeper;
  readonly #media: MediaFlow;
  readonly #outBytes = new RateMeter(5_000);
  readonly #restarts: Record<string, number> = {};
  readonly #exit = Promise.withResolvers<RelayExit>();
  #files: RelayFiles;
  #stopping = false;
  #standby = false;
  #decision: Omit<Decision, 'actions'>;
  #since: Date;
  #lastError: (Fault & { at: Date }) | undefined;
  #countedBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: SupervisorOptions, pageServer: PageServer) {
    const { config, settings, clock, random, log } = options;
    this.#options = options;
    this.#files = options.files;
    this.#pageServer = pageServer;
    this.#since = clock.date();
    this.#decision = { state: 'starting', reason: 'RelayStarting', message: 'The relay starts.' };
    this.#media = new MediaFlow(clock, (packet) => this.#ingest.write(packet));
    this.#browser = new BrowserKeeper({
      chromium: {
        binary: settings.LIVECHANNEL_CHROMIUM,
        extraArguments: settings.LIVECHANNEL_CHROMIUM_ARGUMENTS.split(/\s+/).filter((word) => word !== ''),
        profiles: options.profileDirectory,
        certificatePins: config.agora.accessPoints?.certificatePins ?? [],
      },
      pageUrl: pageServer.pageUrl,
      clock,
      random,
      log,
      onDown: (fault) => {
        this.#room.pageLost();
        this.#count('browser', fault);
      },
      onChange: () => this.#look(),
    });
    this.#room = new RoomKeeper({
      settings: {
        appId: config.agora.appId,
        channelName: config.agora.channelName,
        uid: config.agora.uid,
        hostUid: config.agora.hostUid,
        accessPoints: config.agora.accessPoints,
        timeoutMs: JOIN_TIMEOUT_MS,
        keyFrameIntervalMs: config.media.keyFrameIntervalSeconds * 1_000,
      },
      token: () => this.#files.token.reveal(),
      send: (command) => pageServer.send(command),
      clock,
      random,
      log,
      onFault: (fault) => this.#count('agora', fault),
    });
    this.#ingest = new IngestKeeper({
      ffmpeg: settings.LIVECHANNEL_FFMPEG,
      target: () => this.#target(),
      clock,
      random,
      log,
      onFault: (fault) => this.#count('ingest', fault),
      onChange: () => this.#look(),
    });
  }

  static async start(options: SupervisorOptions): Promise<Supervisor> {
    const pageServer = await PageServer.start({
      directory: options.pageDirectory,
      onPage: () => {
        supervisor.#room.pageLost();
        supervisor.#look();
      },
      onEvent: (event) => {
        supervisor.#browser.heartbeat();
        supervisor.#room.take(event);
        if (event.type !== 'heartbeat') supervisor.#look();
      },
      onFrame: (frame) => supervisor.#media.take(frame),
    });
    const supervisor = new Supervisor(options, pageServer);
    supervisor.#timer = setInterval(() => supervisor.#look(), TICK_MS);
    supervisor.#look();
    return supervisor;
  }

  /** Resolves when the relay is to end, and says why. Nothing has been closed then. */
  get exit(): Promise<RelayExit> {
    return this.#exit.promise;
  }

  /** Asks the relay to end. */
  stop(): void {
    this.#stopping = true;
    this.#look();
  }

  /** Standing by, the relay is joined and ready and does not push. */
  setStandby(standby: boolean): void {
    this.#standby = standby;
    this.#look();
  }

  filesChanged(files: RelayFiles): void {
    const changed = changedParts(this.#files, files);
    this.#files = files;
    if (changed.token) this.#room.tokenChanged();
    if (changed.ingest) void this.#ingest.targetChanged().then(() => this.#look());
    if (changed.token || changed.ingest) this.#options.log.info({ ...changed }, 'files changed');
  }

  /** Whether the browser answers, or is being started for no longer than a start may take. */
  get alive(): boolean {
    const { browser } = this.#facts();
    return browser.phase !== 'up' || this.#options.clock.now() - browser.heartbeatAt < 2 * HEARTBEAT_LIMIT_MS;
  }

  report(): RelayReport {
    const { clock } = this.#options;
    const now = clock.now();
    const facts = this.#facts();
    const { actions: _, ...decision } = decide(facts, now);
    return report({
      decision,
      since: decision.state === this.#decision.state ? this.#since : clock.date(),
      facts,
      figures: this.#media.figures(),
      outBitrateKbps: (this.#outBytes.perSecond(now).size * 8) / 1_000,
      restarts: this.#restarts,
      lastError: this.#lastError,
      now,
      date: clock.date(),
    });
  }

  /** What only ever grows. */
  counters(): {
    videoFrames: number;
    audioPackets: number;
    keyFrames: number;
    droppedFrames: number;
    outBytes: number;
  } {
    const { videoFrames, audioPackets, keyFrames } = this.#media.figures();
    const { droppedFrames, acceptedBytes } = this.#ingest;
    return { videoFrames, audioPackets, keyFrames, droppedFrames, outBytes: acceptedBytes };
  }

  /** Ends everything: the RTMP session first, so that the ingest hears a goodbye, and the browser beside it. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping = true;
    await Promise.all([this.#ingest.close(), this.#browser.close()]);
    await this.#pageServer[Symbol.asyncDispose]();
  }

  /** IVS lets the session with the higher priority take over; the time makes each one higher than all before. */
  #target(): IngestTarget {
    const { config, clock } = this.#options;
    const priority = Math.floor(clock.date().getTime() / 1_000);
    return parseIngestTarget(this.#files.ingestUrl, this.#files.streamKey, {
      ca: this.#files.ca,
      takeover: config.ingest.takeover === undefined ? undefined : { type: config.ingest.takeover, priority },
    });
  }

  #facts(): Facts {
    return {
      stopping: this.#stopping,
      standby: this.#standby,
      browser: this.#browser.facts,
      room: this.#room.facts,
      media: this.#media.facts,
      ingest: this.#ingest.facts,
    };
  }

  #look(): void {
    const { clock, log } = this.#options;
    const now = clock.now();
    const accepted = this.#ingest.acceptedBytes;
    if (accepted > this.#countedBytes) this.#outBytes.add(now, accepted - this.#countedBytes);
    this.#countedBytes = accepted;
    const { actions, ...decision } = decide(this.#facts(), now);
    if (decision.state !== this.#decision.state) this.#since = clock.date();
    if (decision.state !== this.#decision.state || decision.reason !== this.#decision.reason) {
      log.info({ state: decision.state, reason: decision.reason }, decision.message);
    }
    this.#decision = decision;
    for (const action of actions) this.#act(action);
  }

  #act(action: Action): void {
    switch (action.type) {
      case 'start-browser': {
        this.#browser.start();
        return;
      }
      case 'stop-browser': {
        this.#browser.stop(action.fault);
        return;
      }
      case 'join': {
        this.#room.join();
        return;
      }
      case 'open-session': {
        this.#ingest.open();
        return;
      }
      case 'close-session':
        return void this.#ingest.close().then(() => this.#look());
      case 'cut-session': {
        this.#ingest.cut(action.failure);
        return;
      }
      case 'exit':
        clearInterval(this.#timer);
        {
          this.#exit.resolve(action);
          return;
        }
    }
  }

  #count(part: string, fault: Fault): void {
    const name = `${part}/${fault.reason}`;
    this.#restarts[name] = (this.#restarts[name] ?? 0) + 1;
    this.#lastError = { reason: fault.reason, message: fault.message, at: this.#options.clock.date() };
  }
}
