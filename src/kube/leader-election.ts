import type { KubeClient } from './client.ts';
import type { Clock } from '../base/clock.ts';
import { leaseType, type Lease } from './core-types.ts';
import { isAlreadyExists, isConflict, LeadershipLostError } from './errors.ts';
import type { Logger } from '../base/logger.ts';

export interface LeaderElectionOptions {
  readonly leaseName: string;
  readonly namespace: string;
  /** Identifies this process; unique among the processes that may run at the same time (e.g. the pod's name). */
  readonly identity: string;
  /** How long other candidates wait after the last renewal that they observed. Default 15 s. */
  readonly leaseDurationMs?: number | undefined;
  /** A leader that could not renew for this time stops leading. Default 10 s; less than `leaseDurationMs`. */
  readonly renewDeadlineMs?: number | undefined;
  /** Interval between attempts. Default 2 s. */
  readonly retryPeriodMs?: number | undefined;
}

export interface LeaderElectionContext {
  readonly client: Pick<KubeClient, 'get' | 'create' | 'replace'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly observer?: { leading(is: boolean): void } | undefined;
}

/**
 * At most one process leads: the holder of a Lease, while it renews the Lease. The validity of another process's Lease
 * is computed from when this process last observed it change, on its own clock, so that clocks may differ. The validity
 * of its own Lease is computed from before the renewal was sent, so that it always stops before another may start.
 */
export class LeaderElector {
  readonly #options: LeaderElectionOptions;
  readonly #context: LeaderElectionContext;
  readonly #durationMs: number;
  readonly #deadlineMs: number;
  readonly #retryMs: number;
  /** The Lease as last observed, and when this version of it was first observed (monotonic, in milliseconds). */
  #seen: { readonly lease: Lease; readonly at: number } | undefined;
  #leading = false;
  #renewedAt = -Infinity;

  constructor(options: LeaderElectionOptions, context: LeaderElectionContext) {
    this.#options = options;
    this.#context = context;
    this.#durationMs = options.leaseDurationMs ?? 15_000;
    this.#deadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryMs = options.retryPeriodMs ?? 2_000;
    if (!(this.#durationMs > this.#deadlineMs && this.#deadlineMs > this.#retryMs * 1.2))
      throw new RangeError(
        `leader election requires leaseDurationMs > renewDeadlineMs > 1.2 retryPeriodMs, not ${this.#durationMs}, ${this.#deadlineMs}, ${this.#retryMs}`,
      );
  }

  get isLeader(): boolean {
    return this.#leading;
  }

  /** The holder of the Lease as last observed. */
  get holder(): string | undefined {
    return this.#seen?.lease.spec?.holderIdentity;
  }

  /** False if this process leads and has not renewed for twice the Lease's duration: another may lead too. */
  get healthy(): boolean {
    return !this.#leading || this.#context.clock.monotonic() - this.#renewedAt < this.#durationMs * 2;
  }

  /**
   * Waits until this process leads or `signal` aborts. Runs `lead` and renews the Lease until `lead` ends, then
   * releases the Lease.
   * @param lead receives a signal that aborts when leadership is lost: it must stop acting at once
   * @throws LeadershipLostError if leadership was lost, after `lead` has ended
   */
  async run(lead: (lost: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { logger, observer } = this.#context;
    if (!(await this.#acquire(signal))) return;
    const fields = {
      lease: `${this.#options.namespace}/${this.#options.leaseName}`,
      identity: this.#options.identity,
    };
    logger.info(fields, 'leading');
    this.#leading = true;
    observer?.leading(true);
    const lost = new AbortController();
    const done = new AbortController();
    const renewing = this.#renew(lost, done.signal);
    try {
      await lead(lost.signal);
    } finally {
      done.abort();
      await renewing;
      this.#leading = false;
      observer?.leading(false);
      if (!lost.signal.aborted) await this.#release();
    }
    lost.signal.throwIfAborted();
  }

  async #acquire(signal: AbortSignal): Promise<boolean> {
    const { clock, random, logger } = this.#context;
    let reported: string | undefined;
    while (!signal.aborted) {
      if (await this.#try(this.#retryMs * 2, signal)) return true;
      if (this.holder !== reported)
        logger.info({ holder: this.holder }, 'another process leads; standing by');
      reported = this.holder;
      await clock.sleep(this.#retryMs * (1 + 0.2 * random()), signal);
    }
    return false;
  }

  async #renew(lost: AbortController, done: AbortSignal): Promise<void> {
    const { clock, logger } = this.#context;
    const over = (): boolean => done.aborted;
    let failed = false;
    for (;;) {
      await clock.sleep(failed ? this.#retryMs / 2 : this.#retryMs, done);
      if (over()) return;
      const left = this.#renewedAt + this.#deadlineMs - clock.monotonic();
      failed = !(left > 0 && (await this.#try(Math.min(left, this.#deadlineMs / 2), done)));
      if (!failed) continue;
      if (over()) return;
      const taken = this.holder !== this.#options.identity;
      if (!taken && clock.monotonic() < this.#renewedAt + this.#deadlineMs) continue;
      const why = taken
        ? `its holder is ${this.holder ?? 'unknown'}`
        : `no renewal within ${this.#deadlineMs} ms`;
      logger.error({ holder: this.holder }, 'lost leadership');
      lost.abort(new LeadershipLostError(`lost the lease ${this.#options.leaseName}: ${why}`));
      return;
    }
  }

  /** One attempt to acquire or renew the Lease. Returns false if it fails, also because of the API server. */
  async #try(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    const { clock, logger } = this.#context;
    const start = clock.monotonic();
    try {
      if (!(await this.#takeOrRenew(timeoutMs, signal))) return false;
      this.#renewedAt = start;
      return true;
    } catch (error) {
      if (!signal.aborted && !isConflict(error) && !isAlreadyExists(error))
        logger.warn({ err: error, lease: this.#options.leaseName }, 'cannot acquire or renew the lease');
      return false;
    }
  }

  async #takeOrRenew(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    const { client, clock } = this.#context;
    const { leaseName: name, namespace, identity } = this.#options;
    const options = { timeoutMs, signal };
    const lease = await client.get(leaseType, { namespace, name }, options);
    const now = toMicroTime(clock.now());
    const ours = {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.#durationMs / 1000),
      renewTime: now,
    };
    if (lease === undefined) {
      const spec = { ...ours, acquireTime: now, leaseTransitions: 0 };
      this.#see(await client.create(leaseType, { metadata: { namespace, name }, spec }, options));
      return true;
    }
    this.#see(lease);
    const old = lease.spec ?? {};
    if (old.holderIdentity !== identity && this.#holds(lease)) return false;
    const spec =
      old.holderIdentity === identity
        ? { ...old, ...ours }
        : { ...ours, acquireTime: now, leaseTransitions: (old.leaseTransitions ?? 0) + 1 };
    // The metadata has a resourceVersion: of two candidates that try, one gets a conflict.
    this.#see(await client.replace(leaseType, { metadata: lease.metadata, spec }, options));
    return true;
  }

  /** Whether the Lease has a holder whose last observed renewal is not older than the Lease's duration. */
  #holds({ spec }: Lease): boolean {
    if (spec?.holderIdentity === undefined || spec.holderIdentity === '') return false;
    const durationMs = (spec.leaseDurationSeconds ?? this.#durationMs / 1000) * 1000;
    return (this.#seen?.at ?? 0) + durationMs > this.#context.clock.monotonic();
  }

  #see(lease: Lease): void {
    const same =
      lease.spec?.renewTime === this.#seen?.lease.spec?.renewTime &&
      lease.spec?.holderIdentity === this.#seen?.lease.spec?.holderIdentity;
    const at = same && this.#seen !== undefined ? this.#seen.at : this.#context.clock.monotonic();
    this.#seen = { lease, at };
  }

  /** Releases the Lease, so that the next leader need not wait until it expires. */
  async #release(): Promise<void> {
    const { client, clock, logger } = this.#context;
    const lease = this.#seen?.lease;
    if (lease?.spec?.holderIdentity !== this.#options.identity) return;
    const now = toMicroTime(clock.now());
    const spec = { ...lease.spec, holderIdentity: undefined, leaseDurationSeconds: 1, renewTime: now };
    try {
      this.#see(await client.replace(leaseType, { metadata: lease.metadata, spec }, { timeoutMs: 3_000 }));
      logger.info({ lease: this.#options.leaseName }, 'released the lease');
    } catch (error) {
      logger.warn({ err: error, lease: this.#options.leaseName }, 'cannot release the lease; it will expire');
    }
  }
}

/** Formats a metav1.MicroTime, which requires six fractional digits: the server rejects three. */
export function toMicroTime(time: Date): string {
  return time.toISOString().replace(/Z$/, '000Z');
}
