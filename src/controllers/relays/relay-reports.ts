import { once } from 'node:events';
import { connect } from 'node:net';
import { ports } from '../../api/names.ts';
import { relayReportSchema, type RelayReport } from '../../api/relay-contract.ts';
import type { RelayPodFacts } from '../../channel/state.ts';
import type { Clock } from '../../base/clock.ts';
import { readJson } from '../../base/http/read-body.ts';
import { RelayTimeoutError, requestRelay } from './relay-request.ts';
import {
  FAST_REPORT_MAX_AGE_MS,
  RELAY_START_GRACE_MS,
  REPORT_GRACE_MS,
  REPORT_TIMEOUT_MS,
  UNRESPONSIVE_AFTER_MS,
  UNRESPONSIVE_RETRY_MS,
} from '../timing.ts';

/** A report has some 2 KiB; it grows with the names of restarts. */
const MAX_REPORT_BYTES = 64 * 1024;

/** The polls of one relay. Times are in Unix milliseconds. */
interface PollState {
  last: { readonly at: number; readonly report: RelayReport } | undefined;
  polledAt: number;
  /** Number of polls in a row without an answer, and when the first of them began. */
  missed: number;
  missedSince: number;
  /** The relay accepted a connection during the last poll, but timed out. */
  frozen: boolean;
}

/** Polls the reports of relays. A single missed poll has no effect, because it may be due to a busy network. */
export class RelayReports {
  readonly #clock: Clock;
  readonly #polls = new Map<string, PollState>();
  /** By uid: pods that are polled several times a second. */
  readonly #closelyWatched = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The current report. Undefined when the relay does not answer, e.g. while it starts. */
  async of(pod: RelayPodFacts, signal: AbortSignal): Promise<RelayReport | undefined> {
    if (!isPollable(pod)) return undefined;
    const state = this.#polls.get(pod.uid);
    if (state === undefined || !this.#isSettled(pod.uid, state))
      await this.poll(pod, REPORT_TIMEOUT_MS, signal);
    const { last } = this.#polls.get(pod.uid) ?? {};
    if (last === undefined || this.silence(pod).silent) return undefined;
    const { missed } = this.#polls.get(pod.uid) ?? { missed: 0 };
    if (missed === 0) return last.report;
    const isUsable =
      this.#closelyWatched.has(pod.uid) ||
      (pod.ready && !this.isFrozen(pod) && this.#now() - last.at < REPORT_GRACE_MS);
    return isUsable ? last.report : undefined;
  }

  /** Polls the relay now and remembers its report. Undefined when it does not answer within `timeoutMs`. */
  async poll(pod: RelayPodFacts, timeoutMs: number, signal: AbortSignal): Promise<RelayReport | undefined> {
    if (!isPollable(pod) || pod.ip === undefined) return undefined;
    const before = this.#now();
    const hasMissed = (this.#polls.get(pod.uid)?.missed ?? 0) > 0;
    const [report, accepted] = await Promise.all([
      fetchReport(pod.ip, timeoutMs, signal),
      hasMissed && acceptsConnections(pod.ip, timeoutMs, signal),
    ]);
    const now = this.#now();
    const state = this.#polls.get(pod.uid) ?? newPollState(now);
    this.#polls.set(pod.uid, state);
    state.polledAt = now;
    if (typeof report === 'object') {
      state.last = { at: now, report };
      state.missed = 0;
      state.frozen = false;
    } else if (now - before < 1.4 * timeoutMs) {
      // If the poll took longer, this process was busy itself, so that a missing answer proves nothing.
      if (state.missed === 0) state.missedSince = before;
      state.missed += 1;
      state.frozen = report === 'timeout' && accepted;
    }
    return typeof report === 'object' ? report : undefined;
  }

  /** The last report and when it was received, unless that is longer ago than `maxAgeMs`. The relay is not polled. */
  lastOf(podUid: string, maxAgeMs: number): { readonly at: Date; readonly report: RelayReport } | undefined {
    const last = this.#polls.get(podUid)?.last;
    if (last === undefined || this.#now() - last.at > maxAgeMs) return undefined;
    return { at: new Date(last.at), report: last.report };
  }

  /**
   * How long the relay has not answered. `silent`: it has missed enough polls for a failover, which is only known of a
   * relay that is polled several times a second.
   */
  silence({ uid }: RelayPodFacts): { readonly silent: boolean; readonly ms: number } {
    const state = this.#polls.get(uid);
    if (state === undefined || state.missed === 0) return { silent: false, ms: 0 };
    const ms = this.#now() - state.missedSince;
    const isProven = state.missed >= 2 && (state.last !== undefined || ms > RELAY_START_GRACE_MS);
    return { silent: isProven && this.#closelyWatched.has(uid), ms };
  }

  /**
   * Whether the relay's process hangs: connections are accepted, by its kernel, but not answered. Where the network is
   * at fault, connections are not accepted. The kubelet does not notice, because its readiness probe may wait for long.
   */
  isFrozen({ uid }: RelayPodFacts): boolean {
    const state = this.#polls.get(uid);
    if (!state?.frozen) return false;
    return this.#now() - state.missedSince > UNRESPONSIVE_AFTER_MS;
  }

  /** Sets whether the relay is polled several times a second. */
  watchClosely(podUid: string, closely: boolean): void {
    if (closely) this.#closelyWatched.add(podUid);
    else this.#closelyWatched.delete(podUid);
  }

  /** Marks the last report as out of date, because a command was sent to the relay. */
  outdated(podUid: string): void {
    const state = this.#polls.get(podUid);
    if (state !== undefined) state.polledAt = -Infinity;
  }

  /** The pod was deleted. */
  forget(podUid: string): void {
    this.#polls.delete(podUid);
    this.#closelyWatched.delete(podUid);
  }

  /** Whether another poll is not due yet: the report is recent, or the relay has not answered for some time. */
  #isSettled(podUid: string, { polledAt, missed, missedSince }: PollState): boolean {
    const now = this.#now();
    if (this.#closelyWatched.has(podUid)) return now - polledAt < FAST_REPORT_MAX_AGE_MS;
    return missed >= 2 && now - missedSince > UNRESPONSIVE_AFTER_MS && now - polledAt < UNRESPONSIVE_RETRY_MS;
  }

  #now(): number {
    return this.#clock.now().getTime();
  }
}

const newPollState = (now: number): PollState => ({
  last: undefined,
  polledAt: now,
  missed: 0,
  missedSince: now,
  frozen: false,
});

const isPollable = ({ running, ip, deleting }: RelayPodFacts): boolean =>
  running && ip !== undefined && !deleting;

async function fetchReport(
  ip: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<RelayReport | 'timeout' | undefined> {
  try {
    const response = await requestRelay(ip, '/status', { timeoutMs, signal });
    const body = await readJson(response.body, MAX_REPORT_BYTES);
    return response.statusCode === 200 ? relayReportSchema.parse(body) : undefined;
  } catch (error) {
    // Otherwise starting, gone, or not a relay: the status of the pod shows which.
    return error instanceof RelayTimeoutError ? 'timeout' : undefined;
  }
}

/** Whether the address accepts a TCP connection within `timeoutMs`. A process that hangs still accepts them. */
async function acceptsConnections(ip: string, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  const socket = connect({ host: ip, port: ports.http });
  try {
    await once(socket, 'connect', { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
