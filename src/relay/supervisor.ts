import { join } from 'node:path';
import type { Logger } from 'pino';
import type { DropReason, RelayConfig, RelayReport, RelayState } from '../api/relay-contract.ts';
import { BrowserKeeper } from './browser/browser-keeper.ts';
import { PageServer } from './browser/page-server.ts';
import { choosePlan, type PlanSettings } from './choose-plan.ts';
import { limitedPlan, reencodePlan } from './congestion/congestion-plan.ts';
import {
  nextCongestion,
  noCongestion,
  type Congestion,
  type CongestionSettings,
} from './congestion/congestion.ts';
import { congestionInput } from './congestion/observe.ts';
import type { Clock } from '../base/clock.ts';
import { decide, HEARTBEAT_LIMIT_MS, type Action, type Decision, type DecisionSettings } from './decide.ts';
import type { Facts, Fault } from './facts.ts';
import { IngestKeeper } from './ingest/ingest-keeper.ts';
import { Reencoder } from './ingest/reencoder.ts';
import { parseIngestTarget, type IngestTarget } from './ingest/ingest-target.ts';
import { TakeoverPriority } from './ingest/takeover-priority.ts';
import type { PlanChoice } from './ingest/session-plan.ts';
import { MediaFlow } from './media/media-flow.ts';
import { RateMeter } from './media/rate-meter.ts';
import { changedParts, type RelayFiles } from './relay-files.ts';
import { report } from './report.ts';
import { ResourceWatch } from './resources.ts';
import { RoomKeeper } from './room-keeper.ts';
import type { RelaySettings } from './settings.ts';
import { SlateKeeper } from './slate-keeper.ts';

/** Interval at which the parts are checked, and at which what is due without input (silence, held frames) is sent. */
const TICK_MS = 100;
const JOIN_TIMEOUT_MS = 15_000;
/** Share of the container's memory limit that the browser may use. Node, FFmpeg and the page cache need the rest. */
const PAGE_MEMORY_SHARE = 0.65;
const DEFAULT_PAGE_MEMORY_MIB = 400;
/** Size of the slate for a host that has not sent a frame yet. */
const UNKNOWN_SIZE = { width: 1_280, height: 720 };

/** What a Supervisor needs. */
export interface SupervisorOptions {
  readonly config: RelayConfig;
  readonly settings: RelaySettings;
  readonly files: RelayFiles;
  /** Folder with the built page. */
  readonly pageDirectory: string;
  /** Folder for the browsers' profiles. */
  readonly profileDirectory: string;
  /** Folder that outlives a crash of the relay's container, but not its pod. */
  readonly stateDirectory: string;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly random: () => number;
  readonly log: Logger;
}

/** Counters, which only increase. */
export interface RelayCounters {
  readonly videoFrames: number;
  readonly audioPackets: number;
  readonly keyframes: number;
  readonly videoFramesSent: number;
  readonly keyframeRequests: number;
  readonly sessions: number;
  readonly outBytes: number;
}

export type RelayExit = Extract<Action, { type: 'exit' }>;

/**
 * Runs the relay: collects the facts of its parts, has `decide` choose the actions, and executes them. The parts
 * report their state and can be started and stopped; none of them knows the others.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #pageServer: PageServer;
  readonly #browser: BrowserKeeper;
  readonly #room: RoomKeeper;
  readonly #ingest: IngestKeeper;
  readonly #reencoder: Reencoder;
  readonly #media: MediaFlow;
  readonly #resources: ResourceWatch;
  readonly #slate: SlateKeeper | undefined;
  readonly #priority: TakeoverPriority;
  readonly #planSettings: PlanSettings;
  readonly #congestionSettings: CongestionSettings;
  readonly #outBytes = new RateMeter(5_000);
  readonly #secondsInState: Partial<Record<RelayState, number>> = {};
  readonly #restarts: Record<string, number> = {};
  readonly #exit = Promise.withResolvers<RelayExit>();
  #files: RelayFiles;
  #stopping = false;
  #standby: boolean;
  #epoch: number | undefined;
  #plan: PlanChoice | undefined;
  #congestion: Congestion;
  #stepLogged: Congestion['step'];
  #decision: Omit<Decision, 'actions'>;
  #lookedAt: number;
  #since: Date;
  #lastError: (Fault & { at: Date }) | undefined;
  #countedBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: SupervisorOptions, pageServer: PageServer) {
    const { config, settings, clock, random, log } = options;
    this.#options = options;
    this.#files = options.files;
    this.#pageServer = pageServer;
    this.#since = clock.now();
    this.#lookedAt = clock.monotonic();
    this.#standby = config.standby;
    this.#epoch = config.ingest.epoch;
    this.#planSettings = planSettings(config);
    this.#decision = { state: 'starting', reason: 'RelayStarting', message: 'The relay is starting.' };
    this.#congestionSettings = {
      quietMs: settings.LIVECHANNEL_CONGESTION_QUIET_SECONDS * 1_000,
      maxVideoBitrateKbps: config.media.maxVideoBitrateKbps,
    };
    this.#congestion = noCongestion(this.#congestionSettings.quietMs);
    this.#stepLogged = this.#congestion.step;
    this.#resources = new ResourceWatch(clock);
    this.#priority = new TakeoverPriority(join(options.stateDirectory, 'takeover-priority'), clock);
    this.#media = new MediaFlow(clock, {
      keyframeIntervalMs: config.media.keyframeIntervalSeconds * 1_000,
      onPacket: (packet) => this.#reencoder.write(packet),
      onKeyframeWanted: () => this.#room.requestKeyframe(),
    });
    this.#slate =
      config.media.slateFile === undefined
        ? undefined
        : new SlateKeeper({
            file: config.media.slateFile,
            ffmpeg: settings.LIVECHANNEL_FFMPEG,
            ...{ clock, log },
            onSlate: (slate) => this.#media.setSlate(slate),
          });
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
        keyframeIntervalMs: config.media.keyframeIntervalSeconds * 1_000,
      },
      token: () => this.#files.token?.reveal() ?? null,
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
    this.#reencoder = new Reencoder({
      ffmpeg: settings.LIVECHANNEL_FFMPEG,
      log,
      recent: () => this.#ingest.recent,
      onPacket: (packet) => this.#ingest.write(packet),
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
    supervisor.#timer = setInterval(() => supervisor.#tick(), TICK_MS);
    supervisor.#look();
    return supervisor;
  }

  /** Resolves when the relay has to end, with the cause. At that time nothing has been closed. */
  get exit(): Promise<RelayExit> {
    return this.#exit.promise;
  }

  /** Requests the relay to end. */
  stop(): void {
    this.#stopping = true;
    this.#look();
  }

  /** Makes the relay a standby: joined and ready, but not pushing. */
  standBy(): void {
    this.#standby = true;
    this.#look();
  }

  /** Makes the relay push. `epoch`: as in RelayConfig.ingest.epoch; the higher of both is used. */
  activate(epoch?: number): void {
    if (epoch !== undefined) this.#epoch = Math.max(this.#epoch ?? 0, epoch);
    this.#standby = false;
    this.#look();
  }

  filesChanged(files: RelayFiles): void {
    const changed = changedParts(this.#files, files);
    this.#files = files;
    if (changed.token) this.#room.tokenChanged();
    if (changed.ingest) void this.#ingest.targetChanged().then(() => this.#look());
    if (changed.token || changed.ingest) this.#options.log.info({ ...changed }, 'files changed');
  }

  /** Whether the browser responds, or is being started for no longer than a start may take. */
  get alive(): boolean {
    const browser = this.#browser.facts;
    return (
      browser.phase !== 'up' || this.#options.clock.monotonic() - browser.heartbeatAt < 2 * HEARTBEAT_LIMIT_MS
    );
  }

  /** The state as of the last check, at most TICK_MS ago. */
  get state(): RelayState {
    return this.#decision.state;
  }

  report(): RelayReport {
    const { clock, config } = this.#options;
    const now = clock.monotonic();
    const facts = this.#facts(now);
    const { actions: _, ...decision } = decide(facts, this.#settings(), now);
    return report({
      decision,
      since: decision.state === this.#decision.state ? this.#since : clock.now(),
      facts,
      figures: this.#media.figures(),
      reception: this.#room.reception(now),
      outBitrateKbps: kilobits(this.#outBytes.perSecond(now).size),
      framesDropped: this.#framesDropped(now),
      restarts: this.#restarts,
      lastError: this.#lastError,
      secondsInState: this.#secondsInState,
      keyframeSeconds: config.media.keyframeIntervalSeconds,
      now,
      date: clock.now(),
    });
  }

  /** Counters of all parts. */
  counters(): RelayCounters {
    const { videoFrames, audioPackets, keyframes, videoFramesSent } = this.#media.counters();
    return {
      videoFrames,
      audioPackets,
      keyframes,
      videoFramesSent,
      keyframeRequests: this.#room.reception(this.#options.clock.monotonic()).keyframeRequests,
      sessions: this.#ingest.sessions,
      outBytes: this.#ingest.acceptedBytes,
    };
  }

  #framesDropped(now: number): Record<DropReason, number> {
    return {
      ...this.#media.counters().dropped,
      'slow-ingest': this.#ingest.droppedFrames,
      'slow-relay': this.#room.reception(now).framesDropped,
    };
  }

  /**
   * Closes everything: the RTMP session first, so that the ingest receives a goodbye, and the browser at the same
   * time.
   */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping = true;
    this.#slate?.close();
    this.#reencoder.close();
    await Promise.all([this.#ingest.close(), this.#browser.close()]);
    await this.#pageServer[Symbol.asyncDispose]();
  }

  #target(): IngestTarget {
    const { takeover } = this.#options.config.ingest;
    return parseIngestTarget(this.#files.ingestUrl, this.#files.streamKey, {
      ca: this.#files.ca,
      takeover:
        takeover === undefined ? undefined : { type: takeover, priority: this.#priority.next(this.#epoch) },
    });
  }

  #facts(now: number): Facts {
    const media = this.#media.facts;
    const ingest = this.#ingest.facts;
    const room = this.#room.facts;
    const resources = this.#resources.facts;
    const reencoder = this.#reencoder.facts;
    this.#plan = choosePlan(this.#planSettings, media, this.#plan, now);
    const path = {
      ...{ room, media, ingest, resources, reencoder, plan: this.#plan.plan },
      acceptedBytes: this.#ingest.acceptedBytes,
      acceptedKbps: kilobits(this.#outBytes.perSecond(now).size),
      inBitrateKbps: this.#media.inBitrateKbps,
    };
    this.#congestion = nextCongestion(
      this.#congestion,
      congestionInput(path, this.#planSettings, this.#congestion),
      this.#congestionSettings,
      now,
    );
    const { step } = this.#congestion;
    return {
      stopping: this.#stopping,
      standby: this.#standby,
      browser: this.#browser.facts,
      ...{ room, media, ingest, resources, congestion: this.#congestion },
      reencoder: { ...reencoder, plan: reencodePlan(this.#planSettings, path, step, reencoder.plan) },
      plan: limitedPlan(this.#plan, step),
    };
  }

  #settings(): DecisionSettings {
    const { config, settings } = this.#options;
    const { memoryLimitMiB } = this.#resources.facts;
    return {
      holdMs: config.idle.holdLastFrameSeconds === 0 ? Infinity : config.idle.holdLastFrameSeconds * 1_000,
      sessionPerSize: config.media.sizeChange !== 'in-session',
      neverTranscode: config.media.mode === 'passthrough',
      pageMemoryMiB:
        settings.LIVECHANNEL_PAGE_MEMORY_MIB ??
        (memoryLimitMiB === undefined ? DEFAULT_PAGE_MEMORY_MIB : memoryLimitMiB * PAGE_MEMORY_SHARE),
    };
  }

  #tick(): void {
    this.#resources.tick(TICK_MS);
    this.#media.tick();
    this.#look();
  }

  #look(): void {
    const { clock, log } = this.#options;
    const now = clock.monotonic();
    const accepted = this.#ingest.acceptedBytes;
    if (accepted > this.#countedBytes) this.#outBytes.add(now, accepted - this.#countedBytes);
    this.#countedBytes = accepted;
    const before = this.#decision.state;
    this.#secondsInState[before] = (this.#secondsInState[before] ?? 0) + (now - this.#lookedAt) / 1_000;
    this.#lookedAt = now;
    const facts = this.#facts(now);
    const { actions, ...decision } = decide(facts, this.#settings(), now);
    if (decision.state !== before) this.#since = clock.now();
    if (decision.state !== before || decision.reason !== this.#decision.reason) {
      log.info({ state: decision.state, reason: decision.reason }, decision.message);
    }
    this.#logStep();
    this.#decision = decision;
    this.#slate?.want(facts.media.format ?? UNKNOWN_SIZE);
    this.#reencoder.want(facts.reencoder.plan);
    for (const action of actions) this.#act(action);
  }

  #logStep(): void {
    const { step, acceptedKbps, offeredKbps, quietMs } = this.#congestion;
    if (step === this.#stepLogged) return;
    this.#stepLogged = step;
    this.#options.log.info({ part: 'congestion', step, acceptedKbps, offeredKbps, quietMs }, 'step');
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
      case 'replace-page': {
        this.#browser.replacePage(action.fault);
        return;
      }
      case 'join': {
        this.#room.join();
        return;
      }
      case 'choose-stream': {
        this.#room.chooseStream(action.stream);
        return;
      }
      case 'open-session': {
        this.#ingest.open(action.plan);
        return;
      }
      case 'close-session':
        this.#options.log.info({ part: 'ingest', why: action.why }, 'session ends');
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
    this.#lastError = { reason: fault.reason, message: fault.message, at: this.#options.clock.now() };
  }
}

const kilobits = (bytes: number): number => (bytes * 8) / 1_000;

function planSettings({ media }: RelayConfig): PlanSettings {
  return {
    mode: media.mode,
    maxHeight: media.maxHeight,
    maxVideoBitrateKbps: media.maxVideoBitrateKbps,
    keyframeSeconds: media.keyframeIntervalSeconds,
    sizeChange: media.sizeChange,
    constantBitrate: media.constantBitrate,
  };
}
