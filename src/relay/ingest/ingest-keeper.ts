import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import { backoffDelay, type BackoffPolicy } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import type { Fault, IngestFacts } from '../facts.ts';
import { RecentPackets } from '../media/recent-packets.ts';
import type { MediaPacket } from '../media/packet.ts';
import { IngestTargetInvalid, type IngestTarget } from './ingest-target.ts';
import type { IngestFailure } from './ingest-failure.ts';
import type { SessionPlan } from './session-plan.ts';
import { IngestSession } from './session.ts';

/** A session that published for this time was good: the next failure is the first of a new series. */
const STEADY_AFTER_MS = 10_000;
/** Viewers are waiting at first, so the ingest is tried twice per second; after LONG_OUTAGE_MS it is tried seldom. */
const BACKOFF: BackoffPolicy = { initialMs: 250, maxMs: 500, factor: 2, jitter: 0.2, spread: 'around' };
const LONG_OUTAGE_MS = 120_000;
const LONG_BACKOFF: BackoffPolicy = { ...BACKOFF, initialMs: 5_000, maxMs: 10_000 };

/**
 * Limit for connecting. For an ingest that has been reached before, the limit is a small multiple of the time that it
 * took then: data sent into a path that discards everything gets no response even when the path works again.
 */
const DIAL_LIMIT_MS = 5_000;
const KNOWN_DIAL_LIMIT_MS = 1_000;
const KNOWN_DIAL_FACTOR = 5;

/** What an IngestKeeper needs. */
export interface IngestKeeperOptions {
  readonly ffmpeg: string;
  /**
   * Returns the current target.
   * @throws IngestTargetInvalid
   */
  readonly target: () => IngestTarget;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly random: () => number;
  readonly log: Logger;
  /** Default: the number of cores of the container. */
  readonly cores?: number;
  readonly onFault: (fault: Fault) => void;
  readonly onChange: () => void;
}

/**
 * Owns the RTMP session, of which there is at most one, and reports its state. The decision to open or close it is
 * not made here.
 */
export class IngestKeeper {
  readonly #options: IngestKeeperOptions;
  readonly #recent = new RecentPackets();
  #session: IngestSession | undefined;
  #opening: Promise<void> = Promise.resolve();
  #phase: IngestFacts['phase'] = 'none';
  #since = 0;
  /** Plan of the session that is being opened or is open. */
  #plan: SessionPlan | undefined;
  /** Packets for the session until it accepts them itself. */
  #waiting: MediaPacket[] = [];
  #acceptedBefore = 0;
  #droppedBefore = 0;
  #gopsDroppedBefore = 0;
  #sessions = 0;
  #retryAt = 0;
  #failure: IngestFailure | undefined;
  #failures = 0;
  /** When the first failure of the current series occurred. */
  #failingSince = 0;
  #refusals = 0;
  #refusedSince: number | undefined;
  #keyWorked = false;
  /** How long the last connection to the current target took, in milliseconds. */
  #dialMs: number | undefined;

  constructor(options: IngestKeeperOptions) {
    this.#options = options;
  }

  get facts(): IngestFacts {
    this.#look();
    return {
      phase: this.#phase,
      since: this.#since,
      plan: this.#plan,
      format: this.#session?.format,
      encodedAt: this.#session?.encodedAt,
      acceptedAt: this.#session?.acceptedAt,
      lagMs: this.#session?.lagMs ?? 0,
      gopsDropped: this.#gopsDroppedBefore + (this.#session?.droppedGops ?? 0),
      retryAt: this.#retryAt,
      failure: this.#failure,
      refusals: this.#refusals,
      refusedSince: this.#refusedSince,
      keyWorked: this.#keyWorked,
    };
  }

  /** Number of sessions started. */
  get sessions(): number {
    return this.#sessions;
  }

  /** Bytes that the ingest accepted, in all sessions. */
  get acceptedBytes(): number {
    return this.#acceptedBefore + (this.#session?.acceptedBytes ?? 0);
  }

  /** Frames dropped because the ingest accepted them too slowly. */
  get droppedFrames(): number {
    return this.#droppedBefore + (this.#session?.droppedFrames ?? 0);
  }

  /** Starts a session at the last keyframe, or at the next one if there has been none. */
  open(plan: SessionPlan): void {
    if (this.#phase !== 'none') return;
    this.#enter('connecting');
    this.#sessions++;
    this.#plan = plan;
    this.#waiting = [...this.#recent.packets];
    this.#opening = this.#open(plan);
  }

  /** The packets since the last keyframe. */
  get recent(): readonly MediaPacket[] {
    return this.#recent.packets;
  }

  write(packet: MediaPacket): void {
    this.#recent.add(packet);
    if (this.#session !== undefined) this.#session.write(packet);
    else if (this.#phase === 'connecting') this.#waiting.push(packet);
  }

  /** Ends the session with a goodbye to the ingest. */
  async close(): Promise<void> {
    if (this.#phase === 'none') return;
    this.#enter('closing');
    await this.#opening;
    await this.#session?.close();
  }

  cut(failure: IngestFailure): void {
    this.#session?.fail(failure);
  }

  /**
   * To be called when the address, key or certificate authority has changed: what is known about the old target no
   * longer counts.
   */
  async targetChanged(): Promise<void> {
    this.#refusals = 0;
    this.#refusedSince = undefined;
    this.#failure = undefined;
    this.#keyWorked = false;
    this.#dialMs = undefined;
    this.#failures = 0;
    this.#retryAt = 0;
    if (this.#phase === 'connecting' || this.#phase === 'publishing') await this.close();
  }

  async #open(plan: SessionPlan): Promise<void> {
    const { ffmpeg, target, cores = availableParallelism(), clock, log, onChange } = this.#options;
    try {
      const session = await IngestSession.open({
        ffmpeg,
        target: target(),
        plan,
        skipMs: spanMs(this.#waiting),
        dialLimitMs:
          this.#dialMs === undefined
            ? DIAL_LIMIT_MS
            : Math.max(KNOWN_DIAL_LIMIT_MS, KNOWN_DIAL_FACTOR * this.#dialMs),
        cores,
        clock,
        log,
        onEnd: (ended, failure) => {
          this.#ended(ended, failure);
          onChange();
        },
      });
      if (this.#phase === 'none') return; // the session ended while it was being opened
      this.#session = session;
      if (this.#phase === 'closing') return;
      log.info({ part: 'ingest', ffmpeg: session.encoderPid, mode: plan.mode }, 'session opened');
      for (const packet of this.#waiting.splice(0)) session.write(packet);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const invalid = error instanceof IngestTargetInvalid;
      this.#failed({
        reason: invalid ? 'InvalidConfiguration' : 'EncoderCrashed',
        message: invalid ? error.message : 'FFmpeg did not start.',
        ...(invalid ? {} : { detail: error.message }),
        refused: false,
      });
      onChange();
    }
  }

  #ended(session: IngestSession, failure: IngestFailure | undefined): void {
    this.#look();
    this.#acceptedBefore += session.acceptedBytes;
    this.#droppedBefore += session.droppedFrames;
    this.#gopsDroppedBefore += session.droppedGops;
    this.#session = undefined;
    if (failure !== undefined) {
      this.#failed(failure);
      return;
    }
    this.#options.log.info({ part: 'ingest' }, 'session closed');
    this.#enter('none');
  }

  #failed(failure: IngestFailure): void {
    const { clock, random, log, onFault } = this.#options;
    const now = clock.monotonic();
    const steady = this.#phase === 'publishing' && now - this.#since > STEADY_AFTER_MS;
    this.#failures = (steady ? 0 : this.#failures) + 1;
    if (this.#failures === 1) this.#failingSince = now;
    this.#refusals = failure.refused ? this.#refusals + 1 : 0;
    this.#refusedSince = failure.refused ? (this.#refusedSince ?? now) : undefined;
    this.#failure = failure;
    const limits = now - this.#failingSince < LONG_OUTAGE_MS ? BACKOFF : LONG_BACKOFF;
    this.#retryAt = now + backoffDelay(limits, this.#failures, random);
    const { reason, detail, message } = failure;
    log.warn({ part: 'ingest', reason, failures: this.#failures, detail }, message);
    onFault(failure);
    this.#enter('none');
  }

  /** Updates the state from the session. */
  #look(): void {
    const session = this.#session;
    if (!session?.publishing) return;
    if (this.#phase === 'connecting') {
      this.#enter('publishing');
      this.#keyWorked = true;
      this.#dialMs = session.dialMs;
      this.#failure = undefined;
      this.#refusals = 0;
      this.#refusedSince = undefined;
      this.#options.log.info({ part: 'ingest' }, 'publishing');
    }
  }

  #enter(phase: IngestFacts['phase']): void {
    this.#phase = phase;
    this.#since = this.#options.clock.monotonic();
    if (phase !== 'none') return;
    this.#plan = undefined;
    this.#waiting = [];
  }
}

/** Time in milliseconds between the first and the last frame. */
function spanMs(packets: readonly MediaPacket[]): number {
  const last = packets.findLast(({ kind }) => kind === 'video');
  return (last?.timeMs ?? 0) - (last === undefined ? 0 : (packets[0]?.timeMs ?? 0));
}
