import { request } from 'undici';
import { ports } from '../api/names.ts';
import { relayReportSchema, type RelayReport } from '../api/relay-contract.ts';
import type { RelayPodFacts } from '../channel/observed.ts';
import type { Clock } from '../kube/clock.ts';

/** How long a ready pod's last answer stands in for one that did not come. */
const graceMs = 10_000;

/** Asks relays how they are. An unanswered question is not news: a busy network must not look like a lost stream. */
export class RelayReports {
  readonly #clock: Clock;
  readonly #last = new Map<string, { readonly at: number; readonly report: RelayReport }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined when the relay does not answer, which is usual while it starts. */
  async of(pod: RelayPodFacts, signal: AbortSignal): Promise<RelayReport | undefined> {
    if (!pod.running || pod.ip === undefined || pod.deleting) return undefined;
    const now = this.#clock.now().getTime();
    const report = await fetchReport(pod.ip, signal);
    if (report !== undefined) {
      this.#last.set(pod.uid, { at: now, report });
      return report;
    }
    const last = this.#last.get(pod.uid);
    return pod.ready && last !== undefined && now - last.at < graceMs ? last.report : undefined;
  }

  forget(podUid: string): void {
    this.#last.delete(podUid);
  }
}

async function fetchReport(ip: string, signal: AbortSignal): Promise<RelayReport | undefined> {
  const host = ip.includes(':') ? `[${ip}]` : ip;
  try {
    const answer = await request(`http://${host}:${String(ports.http)}/status`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(1_500)]),
    });
    const body: unknown = await answer.body.json();
    return answer.statusCode === 200 ? relayReportSchema.parse(body) : undefined;
  } catch {
    return undefined; // not up yet, gone, or not a relay: the pod's own status tells which
  }
}
