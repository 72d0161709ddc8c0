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

const WAKE_EVERY_MS = 5_000;
const WAKE_TIMEOUT_MS = 10_000;

/** Puts relays on air and wakes those that rest. */
export class RelayStarter {
  readonly #cache: ChannelCache;
  readonly #writer: ChannelWriter;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #waitMs: number;
  /** When each was woken last, by name. */
  readonly #woken = new Map<string, number>();

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
   * On air, made by `draft` where there is no such channel; gives the stream's address as soon as there is one.
   * @throws Problem agora-only, channel-ending, stream-not-ready
   */
  async start(id: ChannelId, draft: () => ChannelDraft, signal: AbortSignal): Promise<string> {
    const channel = await this.#wanted(id, draft, signal);
    const { name } = channel.metadata;
    if (channel.spec.streamMode === 'agora-only')
      throw new ApiProblem('agora-only', `Channel ${id} is on Agora alone (streamMode agora-only).`);
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
      throw new ApiProblem('channel-ending', `Channel ${id} is ending; start it again when it is gone.`, {
        retryAfterSeconds: 5,
      });
    const wake = known !== undefined && idleAsConfigured(known) !== undefined;
    const noted = { metadata: { annotations: { [annotations.resume]: this.#clock.now().toISOString() } } };
    // Said also where the cache believes it: it may be behind a stop of a moment ago.
    const patch = { spec: { suspend: false }, ...(wake ? noted : {}) };
    return this.#writer.change(id, patch, undefined, signal);
  }

  /**
   * A viewer came: a relay that rests for want of viewers is woken, and nobody waits for it. Once in a while at most,
   * however many ask.
   */
  viewerCame(channel: LiveChannel): void {
    if (idleAsConfigured(channel)?.why !== 'no-viewers') return;
    const { name } = channel.metadata;
    const now = this.#clock.monotonic();
    if (now - (this.#woken.get(name) ?? -Infinity) < WAKE_EVERY_MS) return;
    for (const [each, at] of this.#woken) if (now - at >= WAKE_EVERY_MS) this.#woken.delete(each);
    this.#woken.set(name, now);
    const waking = this.#writer.wake(name, this.#clock.now(), AbortSignal.timeout(WAKE_TIMEOUT_MS));
    waking.catch((error: unknown) => {
      this.#woken.delete(name);
      this.#logger.warn({ err: error, channel: name }, 'a relay that rests could not be woken');
    });
  }
}

/** The channel's address, or why it has none. @throws Problem */
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
    return new ApiProblem('channel-ending', `Channel ${id} is ending.`);
  if ((status?.effectiveStreamMode ?? spec.streamMode) === 'agora-only')
    return new ApiProblem('agora-only', status?.modeReason ?? `Channel ${id} is on Agora alone.`);
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const why = ready === undefined ? 'No operator has looked at it yet.' : `${ready.reason}: ${ready.message}`;
  return new ApiProblem('stream-not-ready', why, { retryAfterSeconds: 2 });
}
