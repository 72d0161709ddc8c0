import { findCondition } from '../../api/conditions.ts';
import type { ChannelId } from '../../api/channel-id.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { annotations } from '../../api/names.ts';
import { idleAsConfigured } from '../../channel/desired/idle.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { ChannelCache } from '../cache/channel-cache.ts';
import { ApiProblem } from '../problems.ts';
import type { ChannelDraft } from './channel-draft.ts';
import { notFound, type ChannelWriter } from './channel-writer.ts';

const RESUME_INTERVAL_MS = 5_000;
const RESUME_TIMEOUT_MS = 10_000;

/** Puts relays on air and resumes idle ones. */
export class RelayStarter {
  readonly #cache: ChannelCache;
  readonly #writer: ChannelWriter;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #waitMs: number;
  /** Monotonic time of the last resume by resource name. */
  readonly #resumed = new Map<string, number>();

  constructor(parts: {
    readonly cache: ChannelCache;
    readonly writer: ChannelWriter;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly waitMs: number;
  }) {
    this.#cache = parts.cache;
    this.#writer = parts.writer;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#waitMs = parts.waitMs;
  }

  /**
   * Puts the channel on air, and creates it from `draft` if it does not exist. Returns the playback URL of its stream as
   * soon as there is one.
   * @throws ApiProblem agora-only, channel-ending, stream-not-ready
   */
  async start(id: ChannelId, draft: () => ChannelDraft, signal: AbortSignal): Promise<string> {
    const channel = await this.#wanted(id, draft, signal);
    const { name } = channel.metadata;
    if (channel.spec.streamMode === 'agora-only')
      throw new ApiProblem('agora-only', `Channel ${id} is on Agora only (streamMode agora-only).`);
    const url = await this.#cache.until(name, this.#waitMs, addressOf, signal);
    if (url !== undefined) return url;
    throw withoutAddress(id, this.#cache.named(name) ?? channel);
  }

  async #wanted(id: ChannelId, draft: () => ChannelDraft, signal: AbortSignal): Promise<LiveChannel> {
    const known = this.#cache.channel(id);
    if (known === undefined) {
      const { made, channel } = await this.#writer.create(id, draft(), signal);
      if (made) return channel;
    }
    if (known?.metadata.deletionTimestamp !== undefined)
      throw new ApiProblem(
        'channel-ending',
        `Channel ${id} is being deleted; start it again when it is gone.`,
        {
          retryAfterSeconds: 5,
        },
      );
    const resume =
      known !== undefined && (idleAsConfigured(known) !== undefined || known.spec.relay.startOn === 'host');
    const noted = { metadata: { annotations: { [annotations.resume]: this.#clock.now().toISOString() } } };
    // Written even if the cache shows it already, because the cache may lag behind a recent stop.
    const patch = { spec: { suspend: false }, ...(resume ? noted : {}) };
    return this.#writer.change(id, patch, undefined, signal);
  }

  /**
   * Resumes a relay that is idle because it had no viewers. The caller does not wait for it, and repeated calls within
   * RESUME_INTERVAL_MS have no effect.
   */
  viewerCame(channel: LiveChannel): void {
    if (idleAsConfigured(channel)?.why !== 'no-viewers') return;
    const { name } = channel.metadata;
    const now = this.#clock.monotonic();
    if (now - (this.#resumed.get(name) ?? -Infinity) < RESUME_INTERVAL_MS) return;
    for (const [each, at] of this.#resumed) if (now - at >= RESUME_INTERVAL_MS) this.#resumed.delete(each);
    this.#resumed.set(name, now);
    const resuming = this.#writer.resume(name, this.#clock.now(), AbortSignal.timeout(RESUME_TIMEOUT_MS));
    resuming.catch((error: unknown) => {
      this.#resumed.delete(name);
      this.#logger.warn({ err: error, channel: name }, 'an idle relay could not be resumed');
    });
  }
}

/** The channel's playback URL. @throws ApiProblem */
export function addressIn(id: ChannelId, channel: LiveChannel | undefined): string {
  if (channel === undefined) throw notFound(id);
  const url = addressOf(channel);
  if (url === undefined) throw withoutAddress(id, channel);
  return url;
}

function addressOf(channel: LiveChannel | undefined): string | undefined {
  return channel?.metadata.deletionTimestamp === undefined ? channel?.status?.hlsPlaybackUrl : undefined;
}

function withoutAddress(id: ChannelId, { metadata, spec, status }: LiveChannel): ApiProblem {
  if (metadata.deletionTimestamp !== undefined)
    return new ApiProblem('channel-ending', `Channel ${id} is being deleted.`);
  if ((status?.effectiveStreamMode ?? spec.streamMode) === 'agora-only')
    return new ApiProblem('agora-only', status?.modeReason ?? `Channel ${id} is on Agora only.`);
  const ready = findCondition(status?.conditions, 'Ready');
  const why =
    ready === undefined
      ? 'Not reconciled yet. Is the operator running?'
      : `${ready.reason}: ${ready.message}`;
  return new ApiProblem('stream-not-ready', why, { retryAfterSeconds: 2 });
}
