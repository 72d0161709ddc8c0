import { channelIdOf } from '../../api/channel-id.ts';
import { backoffDelay, type BackoffPolicy } from '../../base/backoff.ts';
import { BoundedMap } from '../../base/bounded-map.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { MEMBER_VALID_MS } from '../../store/agora-members.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { isNotFound } from '../../kube/errors.ts';
import type { Store } from '../../store/store.ts';
import type { ChannelCache } from '../cache/channel-cache.ts';
import type { ChannelWriter } from '../services/channel-writer.ts';
import { asProblem } from '../services/kube-problems.ts';
import { recordAction, type ActionRecords } from './action-record.ts';
import { awaitsHost, isMissed } from './host-actions.ts';

/** Probes of hosts that are in the Agora channel are not due more often than that. */
const SWEEP_INTERVAL_MS = 15_000;
const RESUME_TIMEOUT_MS = 10_000;
/** From two sweeps to ten minutes. */
const RETRY_BACKOFF: BackoffPolicy = { initialMs: 30_000, maxMs: 600_000, factor: 2, jitter: 0.2 };

export interface HostSweepParts extends ActionRecords {
  readonly cache: Pick<ChannelCache, 'namespace' | 'relaying' | 'channelsAfter'>;
  readonly writer: Pick<ChannelWriter, 'resume'>;
  readonly store: Pick<Store, 'agoraAudience'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/** Starts relays whose hosts are in the Agora channel, where the notification of the join was not enough. */
export class HostSweep {
  readonly #parts: HostSweepParts;
  /** By resource name: failures of the API server, and the time of the next attempt on the monotonic clock. */
  readonly #retries = new BoundedMap<string, { readonly failures: number; readonly at: number }>(10_000);

  constructor(parts: HostSweepParts) {
    this.#parts = parts;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#parts;
    const stopped = (): boolean => signal.aborted;
    while (!stopped()) {
      await clock.sleep(SWEEP_INTERVAL_MS, signal);
      if (stopped()) return;
      await this.sweep().catch((error: unknown) => {
        logger.warn({ err: error }, 'hosts in Agora channels could not be compared with relays');
      });
    }
  }

  async sweep(): Promise<void> {
    const { cache, store, clock } = this.#parts;
    const now = clock.now();
    // The query reads all members, which is not worth it where no relay waits.
    if (!someOf(cache.channelsAfter(), awaitsHost)) return;
    const audiences = await store.agoraAudience(new Date(now.getTime() - MEMBER_VALID_MS));
    for (const { namespace, project, agoraChannel, hostUids } of audiences) {
      if (namespace !== cache.namespace || hostUids.length === 0) continue;
      for (const channel of cache.relaying(project, agoraChannel)) {
        const { name } = channel.metadata;
        if (!isMissed(channel, hostUids, now) || (this.#retries.get(name)?.at ?? 0) > clock.monotonic())
          continue;
        const outcome = await this.#resume(channel, now);
        if (outcome === undefined) continue;
        recordAction(this.#parts, {
          action: 'resume',
          namespace,
          channelId: channelIdOf(channel.metadata),
          outcome,
          requestId: '',
          detail: { agoraChannel, hostUids },
        });
      }
    }
  }

  /**
   * Returns 'ok' or the code of the problem, which concerns this channel alone; undefined where it has just been deleted.
   * @throws ApiProblem when the API server is unavailable: the other channels wait for the next sweep, in which this one is
   *   left out for a time, because it may be the cause
   */
  async #resume({ metadata }: LiveChannel, now: Date): Promise<string | undefined> {
    const { writer, logger, clock, random } = this.#parts;
    const { name } = metadata;
    try {
      await writer.resume(name, now, AbortSignal.timeout(RESUME_TIMEOUT_MS));
      this.#retries.delete(name);
      return 'ok';
    } catch (error) {
      if (isNotFound(error)) return undefined;
      const problem = asProblem(error, 'start a relay');
      if (problem.code === 'kubernetes-unavailable' || problem.code === 'timeout') {
        const failures = (this.#retries.get(name)?.failures ?? 0) + 1;
        const at = clock.monotonic() + backoffDelay(RETRY_BACKOFF, failures, random);
        this.#retries.set(name, { failures, at });
        throw problem;
      }
      logger.warn({ err: problem, channel: channelIdOf(metadata) }, 'a host could not be served');
      return problem.code;
    }
  }
}

function someOf<T>(all: Iterable<T>, matches: (each: T) => boolean): boolean {
  for (const each of all) if (matches(each)) return true;
  return false;
}
