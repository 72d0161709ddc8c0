import { relayReportSchema, type RelayReport } from '../../api/relay-contract.ts';
import type { RelayPodFacts } from '../../channel/state.ts';
import type { Clock } from '../../base/clock.ts';
import { requestRelay } from './relay-request.ts';
import {
  FAST_REPORT_MAX_AGE_MS,
  RELAY_START_GRACE_MS,
  REPORT_GRACE_MS,
  REPORT_TIMEOUT_MS,
  UNRESPONSIVE_AFTER_MS,
  UNRESPONSIVE_RETRY_MS,
} from '../timing.ts';

interface PollState {
  last: { readonly at: number; readonly report: RelayReport } | undefined;
  askedAt: number;
  /** Polls in a row without an answer, and since when. */
  missed: number;
  missedSince: number;
}

/** Polls the status of relays. One missed poll changes nothing: a busy network must not look like an outage. */
export class RelayReports {
  readonly #clock: Clock;
  readonly #heard = new Map<string, PollState>();
  /** By uid: pods that are polled several times a second. */
  readonly #close = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined when the relay does not answer, which is usual while it starts. */
  async of(pod: RelayPodFacts, signal: AbortSignal): Promise<RelayReport | undefined> {
    if (!isAsked(pod)) return undefined;
    const heard = this.#heard.get(pod.uid);
    if (heard === undefined || !this.#isSettled(pod.uid, heard))
      await this.poll(pod, REPORT_TIMEOUT_MS, signal);
    const { last } = this.#heard.get(pod.uid) ?? {};
    if (last === undefined || this.silence(pod).silent) return undefined;
    const { missed } = this.#heard.get(pod.uid) ?? { missed: 0 };
    if (missed === 0) return last.report;
    const bearable = this.#close.has(pod.uid) || (pod.ready && this.#now() - last.at < REPORT_GRACE_MS);
    return bearable ? last.report : undefined;
  }

  /** The answer, which is remembered; undefined when there is none within the time. */
  async poll(pod: RelayPodFacts, timeoutMs: number, signal: AbortSignal): Promise<RelayReport | undefined> {
    if (!isAsked(pod) || pod.ip === undefined) return undefined;
    const before = this.#now();
    const report = await fetchReport(pod.ip, timeoutMs, signal);
    const now = this.#now();
    const heard = this.#heard.get(pod.uid) ?? { last: undefined, askedAt: now, missed: 0, missedSince: now };
    this.#heard.set(pod.uid, heard);
    heard.askedAt = now;
    if (report !== undefined) {
      heard.last = { at: now, report };
      heard.missed = 0;
    } else if (now - before < 1.4 * timeoutMs) {
      // When this process itself came late to the answer, its absence proves nothing.
      if (heard.missed === 0) heard.missedSince = before;
      heard.missed += 1;
    }
    return report;
  }

  /** The last report, unless it is older; the relay is not polled. */
  lastOf(podUid: string, maxAgeMs: number): RelayReport | undefined {
    const last = this.#heard.get(podUid)?.last;
    return last !== undefined && this.#now() - last.at <= maxAgeMs ? last.report : undefined;
  }

  /** How long a relay has not answered; `silent` is only true of one that is polled several times a second. */
  silence({ uid }: RelayPodFacts): { readonly silent: boolean; readonly ms: number } {
    const heard = this.#heard.get(uid);
    if (heard === undefined || heard.missed === 0) return { silent: false, ms: 0 };
    const ms = this.#now() - heard.missedSince;
    const proven = heard.missed >= 2 && (heard.last !== undefined || ms > RELAY_START_GRACE_MS);
    return { silent: proven && this.#close.has(uid), ms };
  }

  /** The pod's relay is polled several times a second from now on, or no longer. */
  watchClosely(podUid: string, closely: boolean): void {
    if (closely) this.#close.add(podUid);
    else this.#close.delete(podUid);
  }

  /** The relay was commanded to change: its last report is out of date. */
  outdated(podUid: string): void {
    const heard = this.#heard.get(podUid);
    if (heard !== undefined) heard.askedAt = -Infinity;
  }

  forget(podUid: string): void {
    this.#heard.delete(podUid);
    this.#close.delete(podUid);
  }

  /** Another poll now would bring nothing new, and one without an answer delays the reconcile. */
  #isSettled(podUid: string, { askedAt, missed, missedSince }: PollState): boolean {
    const now = this.#now();
    if (this.#close.has(podUid)) return now - askedAt < FAST_REPORT_MAX_AGE_MS;
    return missed >= 2 && now - missedSince > UNRESPONSIVE_AFTER_MS && now - askedAt < UNRESPONSIVE_RETRY_MS;
  }

  #now(): number {
    return this.#clock.now().getTime();
  }
}

const isAsked = ({ running, ip, deleting }: RelayPodFacts): boolean =>
  running && ip !== undefined && !deleting;

async function fetchReport(
  ip: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<RelayReport | undefined> {
  try {
    const answer = await requestRelay(ip, '/status', { timeoutMs, signal });
    const body: unknown = await answer.body.json();
    return answer.statusCode === 200 ? relayReportSchema.parse(body) : undefined;
  } catch {
    return undefined; // not up yet, gone, or not a relay: the pod's own status tells which
  }
}
