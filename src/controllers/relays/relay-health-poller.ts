import type { RelayReport } from '../../api/relay-contract.ts';
import type { RelayPodFacts } from '../../channel/state.ts';
import type { Clock } from '../../base/clock.ts';
import { keyOf, type ObjectRef } from '../../kube/resource.ts';
import type { RelayReports } from './relay-reports.ts';
import {
  FAST_POLL_INTERVAL_MS,
  FAST_POLL_TIMEOUT_MS,
  SLOW_POLL_MAX_INTERVAL_MS,
  SLOW_POLL_MIN_INTERVAL_MS,
  SLOW_POLL_RETRY_MS,
  SLOW_POLL_SPACING_MS,
  SLOW_POLL_TIMEOUT_MS,
} from '../timing.ts';

/** Resolution of the poller's schedule. */
const TICK_MS = 50;

/** A relay that is polled. */
interface PolledRelay {
  readonly channel: ObjectRef;
  pod: RelayPodFacts;
  /** Polled at the fast interval. */
  fast: boolean;
  /** Time of the next poll, on the monotonic clock. */
  nextAt: number;
  busy: boolean;
  /** The part of the last report that decisions depend on. */
  lastReported: string | undefined;
}

export interface RelayHealthPollerOptions {
  readonly clock: Clock;
  readonly reports: RelayReports;
  /** Called when the channel must be reconciled, because a relay changed or does not answer. */
  readonly onChange: (channel: ObjectRef) => void;
}

/** Interval between polls of each relay without a standby, when there are this many. */
export function slowPollIntervalMs(relays: number): number {
  const wanted = relays * SLOW_POLL_SPACING_MS;
  return Math.min(Math.max(wanted, SLOW_POLL_MIN_INTERVAL_MS), SLOW_POLL_MAX_INTERVAL_MS);
}

/**
 * Polls relays on air more often than reconciles do, and requeues the channel when one stops answering or reports a
 * change. Each reconcile sets which relays are followed.
 */
export class RelayHealthPoller {
  readonly #options: RelayHealthPollerOptions;
  /** By channel, then by the pod's uid. */
  readonly #relays = new Map<string, Map<string, PolledRelay>>();
  /** Number of relays that are not polled at the fast interval. */
  #slow = 0;

  constructor(options: RelayHealthPollerOptions) {
    this.#options = options;
  }

  /**
   * Sets which of the channel's relays are polled. `fast`: a relay has a standby, so that its failure must be noticed at
   * once.
   */
  follow(channel: ObjectRef, pods: readonly RelayPodFacts[], fast: boolean): void {
    const { reports, clock } = this.#options;
    const key = keyOf(channel);
    const before = this.#relays.get(key) ?? new Map<string, PolledRelay>();
    const after = new Map<string, PolledRelay>();
    this.#slow -= slowOf(before);
    for (const pod of pods) {
      const known = before.get(pod.uid);
      const relay = known ?? { channel, pod, fast, nextAt: 0, busy: false, lastReported: undefined };
      if (known === undefined || (fast && !known.fast)) relay.nextAt = clock.monotonic();
      relay.pod = pod;
      relay.fast = fast;
      reports.watchClosely(pod.uid, fast);
      after.set(pod.uid, relay);
    }
    for (const uid of before.keys()) if (!after.has(uid)) reports.watchClosely(uid, false);
    this.#slow += slowOf(after);
    if (after.size === 0) this.#relays.delete(key);
    else this.#relays.set(key, after);
  }

  /** Polls until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const now = this.#options.clock.monotonic();
      for (const pods of this.#relays.values())
        for (const relay of pods.values())
          if (!relay.busy && relay.nextAt <= now) void this.#poll(relay, signal);
      await this.#options.clock.sleep(TICK_MS, signal);
    }
  }

  async #poll(relay: PolledRelay, signal: AbortSignal): Promise<void> {
    const { clock, reports, onChange } = this.#options;
    const { pod, fast } = relay;
    const intervalMs = fast ? FAST_POLL_INTERVAL_MS : slowPollIntervalMs(this.#slow);
    relay.busy = true;
    const polledAt = clock.monotonic();
    const report = await reports.poll(pod, fast ? FAST_POLL_TIMEOUT_MS : SLOW_POLL_TIMEOUT_MS, signal);
    relay.busy = false;
    relay.nextAt = polledAt + (!fast && report === undefined ? SLOW_POLL_RETRY_MS : intervalMs);
    if (signal.aborted) return;
    const { silent, ms } = reports.silence(pod);
    const reported = silent ? 'silent' : ms > 0 ? relay.lastReported : relevantPart(report);
    const hasChanged = reported !== relay.lastReported;
    relay.lastReported = reported;
    // A relay that has not answered for some time may be on a lost node, whose Lease the reconcile reads.
    if (hasChanged || (!fast && ms > SLOW_POLL_RETRY_MS)) onChange(relay.channel);
  }
}

function slowOf(relays: ReadonlyMap<string, PolledRelay>): number {
  return [...relays.values()].filter(({ fast }) => !fast).length;
}

/** The parts of a report that decisions depend on. Changed measurements do not count. */
function relevantPart(report: RelayReport | undefined): string | undefined {
  if (report === undefined) return undefined;
  const { state, reason, standby, videoOutput, host } = report;
  return [state, reason, standby, videoOutput, host?.uid, host?.video].join();
}
