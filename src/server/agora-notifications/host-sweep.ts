import { channelIdOf } from '../../api/channel-id.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { MEMBER_VALID_MS } from '../../store/agora-members.ts';
import type { Store } from '../../store/store.ts';
import type { ChannelCache } from '../cache/channel-cache.ts';
import type { ChannelWriter } from '../services/channel-writer.ts';
import { recordAction, type ActionRecords } from './action-record.ts';
import { isMissed } from './host-actions.ts';

/** Probes of hosts that are in the Agora channel are not due more often than that. */
const SWEEP_INTERVAL_MS = 15_000;
const RESUME_TIMEOUT_MS = 10_000;

export interface HostSweepParts extends ActionRecords {
  readonly cache: Pick<ChannelCache, 'namespace' | 'relaying'>;
  readonly writer: Pick<ChannelWriter, 'resume'>;
  readonly store: Pick<Store, 'agoraAudience'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Starts relays whose hosts are in the Agora channel, where the notification of the join was not enough. */
export class HostSweep {
  readonly #parts: HostSweepParts;

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
    const { cache, writer, store, clock } = this.#parts;
    const now = clock.now();
    const audiences = await store.agoraAudience(new Date(now.getTime() - MEMBER_VALID_MS));
    for (const { namespace, project, agoraChannel, hostUids } of audiences) {
      if (namespace !== cache.namespace || hostUids.length === 0) continue;
      for (const channel of cache.relaying(project, agoraChannel)) {
        if (!isMissed(channel, hostUids, now)) continue;
        await writer.resume(channel.metadata.name, now, AbortSignal.timeout(RESUME_TIMEOUT_MS));
        recordAction(this.#parts, {
          action: 'resume',
          namespace,
          channelId: channelIdOf(channel.metadata),
          outcome: 'ok',
          requestId: '',
          detail: { agoraChannel, hostUids },
        });
      }
    }
  }
}
