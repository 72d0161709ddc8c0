import type { RelayReport } from '../../api/relay-contract.ts';
import type { RelayPodFacts } from '../../channel/state.ts';
import type { Clock } from '../../base/clock.ts';
import { keyOf, type ObjectRef } from '../../kube/resource.ts';
import type { RelayReports } from './relay-reports.ts';
import {
  FAST_POLL_INTERVAL_MS,
  FAST_POLL_TIMEOUT_MS,
  SLOW_POLL_INTERVAL_MS,
  SLOW_POLL_RETRY_MS,
  SLOW_POLL_TIMEOUT_MS,
} from '../timing.ts';

/** Resolution of the poller's schedule. */
const TICK_MS = 50;

interface Watched {
  readonly channel: ObjectRef;
  pod: RelayPodFacts;
  close: boolean;
  /** On the monotonic clock. */
  nextAt: number;
  busy: boolean;
  /** What was last reported of it. */
  lastReported: string | undefined;
}

export interface RelayHealthPollerOptions {
  readonly clock: Clock;
  readonly reports: RelayReports;
  /** Something about the channel's relays has changed. */
  readonly onNews: (channel: ObjectRef) => void;
}

/**
 * Polls relays on air more often than reconciles do, and requeues the channel when one stops answering or reports a
 * change. Each reconcile sets which relays are followed.
 */
export class RelayHealthPoller {
  readonly #options: RelayHealthPollerOptions;
  /** By channel, then by the pod's uid. */
  readonly #watched = new Map<string, Map<string, Watched>>();

  constructor(options: RelayHealthPollerOptions) {
    this.#options = options;
  }

  /** `close`: there is a standby, so that a failure has to be noticed at once. */
  follow(channel: ObjectRef, pods: readonly RelayPodFacts[], close: boolean): void {
    const { reports, clock } = this.#options;
    const key = keyOf(channel);
    const before = this.#watched.get(key) ?? new Map<string, Watched>();
    const after = new Map<string, Watched>();
    for (const pod of pods) {
      const known = before.get(pod.uid);
      const watched = known ?? { channel, pod, close, nextAt: 0, busy: false, lastReported: undefined };
      if (known === undefined || (close && !known.close)) watched.nextAt = clock.monotonic();
      watched.pod = pod;
      watched.close = close;
      reports.watchClosely(pod.uid, close);
      after.set(pod.uid, watched);
    }
    for (const uid of before.keys()) if (!after.has(uid)) reports.watchClosely(uid, false);
    if (after.size === 0) this.#watched.delete(key);
    else this.#watched.set(key, after);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const now = this.#options.clock.monotonic();
      for (const pods of this.#watched.values())
        for (const watched of pods.values())
          if (!watched.busy && watched.nextAt <= now) void this.#poll(watched, signal);
      await this.#options.clock.sleep(TICK_MS, signal);
    }
  }

  async #poll(watched: Watched, signal: AbortSignal): Promise<void> {
    const { clock, reports, onNews } = this.#options;
    const { pod, close } = watched;
    watched.busy = true;
    const askedAt = clock.monotonic();
    const report = await reports.poll(pod, close ? FAST_POLL_TIMEOUT_MS : SLOW_POLL_TIMEOUT_MS, signal);
    watched.busy = false;
    watched.nextAt =
      askedAt +
      (close ? FAST_POLL_INTERVAL_MS : report === undefined ? SLOW_POLL_RETRY_MS : SLOW_POLL_INTERVAL_MS);
    if (signal.aborted) return;
    const { silent, ms } = reports.silence(pod);
    const reported = silent ? 'silent' : ms > 0 ? watched.lastReported : relevantPart(report);
    const hasChanged = reported !== watched.lastReported;
    watched.lastReported = reported;
    // A relay that does not answer for long may be on a lost node: the reconcile reads the Lease.
    if (hasChanged || (!close && ms > SLOW_POLL_RETRY_MS)) onNews(watched.channel);
  }
}

/** The parts of a report that decisions depend on; a change of a figure is none. */
function relevantPart(report: RelayReport | undefined): string | undefined {
  if (report === undefined) return undefined;
  const { state, reason, standby, videoOutput, host } = report;
  return [state, reason, standby, videoOutput, host?.uid, host?.video].join();
}
