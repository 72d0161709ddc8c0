import { findCondition } from '../../api/conditions.ts';
import type { ChannelId } from '../../api/channel-id.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { annotations } from '../../api/names.ts';
import { idleAsConfigured } from '../../channel/desired/idle.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { SecretText } from '../../base/secret-text.ts';
import type { ChannelCache } from '../cache/channel-cache.ts';
import { ApiProblem, invalidMember } from '../problems.ts';
import type { ChannelDraft } from './channel-draft.ts';
import { notFound, type ChannelWriter } from './channel-writer.ts';

const RESUME_INTERVAL_MS = 5_000;
const RESUME_TIMEOUT_MS = 10_000;

/** Keeps the Agora tokens that apps pass. */
export interface PassedTokens {
  /** Stores the token for the relays of the channel, and replaces an earlier one. Nothing of it is logged. */
  put(channel: LiveChannel, token: SecretText, signal: AbortSignal): Promise<void>;
}

/** A start, and what the app passed with it. */
export interface RelayStart {
  readonly id: ChannelId;
  /** The channel to create if it does not exist; it is on air. */
  readonly draft: () => ChannelDraft;
  readonly agoraChannelName?: string | undefined;
  readonly agoraToken?: SecretText | undefined;
}

/** Puts relays on air and resumes idle ones. */
export class RelayStarter {
  readonly #cache: ChannelCache;
  readonly #writer: ChannelWriter;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #waitMs: number;
  readonly #tokens: PassedTokens | undefined;
  /** Monotonic time of the last resume by resource name. */
  readonly #resumed = new Map<string, number>();

  constructor(parts: {
    readonly cache: ChannelCache;
    readonly writer: ChannelWriter;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly waitMs: number;
    /** Without it, a token that an app passes is rejected. */
    readonly tokens?: PassedTokens | undefined;
  }) {
    this.#cache = parts.cache;
    this.#writer = parts.writer;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#waitMs = parts.waitMs;
    this.#tokens = parts.tokens;
  }

  /**
   * Puts the channel on air, and creates it from `draft` if it does not exist. Resolves as soon as its stream has a playback
   * URL. Whatever is known to prevent the start is found before anything is written.
   * @throws ApiProblem agora-only, channel-ending, invalid-request, relay-running, stream-not-ready
   */
  async start(start: RelayStart, signal: AbortSignal): Promise<LiveChannel> {
    if (start.agoraToken !== undefined && this.#tokens === undefined)
      throw invalidMember(
        'agoraToken',
        'this service does not accept Agora tokens of apps; start without one: relays join with tokens of the credentials in the Secret of the channel',
      );
    const wanted = await this.#wanted(start, signal);
    const { name } = wanted.metadata;
    const ready = (channel: LiveChannel | undefined): LiveChannel | undefined =>
      addressOf(channel) === undefined ? undefined : channel;
    const channel = await this.#cache.until(name, this.#waitMs, ready, signal);
    if (channel !== undefined) return channel;
    throw withoutAddress(start.id, this.#cache.named(name) ?? wanted);
  }

  async #wanted(start: RelayStart, signal: AbortSignal): Promise<LiveChannel> {
    const { id, agoraToken } = start;
    let known = this.#cache.channel(id);
    if (known === undefined) {
      const draft = start.draft();
      if ('streamMode' in draft.spec && draft.spec.streamMode === 'agora-only') throw onAgoraOnly(id);
      // With a token, the relay starts when the token is in place.
      const created = agoraToken === undefined ? draft : { ...draft, spec: { ...draft.spec, suspend: true } };
      const { made, channel } = await this.#writer.create(id, created, signal);
      if (made && agoraToken === undefined) return channel;
      known = channel;
    }
    refuseStart(start, known);
    if (agoraToken !== undefined) await this.#tokens?.put(known, agoraToken, signal);
    const { agoraChannelName } = start;
    const idle = idleAsConfigured(known) !== undefined;
    const noted = { metadata: { annotations: { [annotations.resume]: this.#clock.now().toISOString() } } };
    // Written even if the cache shows it already, because the cache may lag behind a recent stop.
    const spec = {
      suspend: false,
      ...(agoraChannelName === undefined ? {} : { agora: { channelName: agoraChannelName } }),
    };
    return this.#writer.change(id, { spec, ...(idle ? noted : {}) }, undefined, signal);
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

/** @throws ApiProblem if the channel cannot be started as it is */
function refuseStart({ id, agoraChannelName }: RelayStart, { metadata, spec, status }: LiveChannel): void {
  if (metadata.deletionTimestamp !== undefined)
    throw new ApiProblem(
      'channel-ending',
      `Channel ${id} is being deleted; start it again when it is gone.`,
      { retryAfterSeconds: 5 },
    );
  if (spec.streamMode === 'agora-only') throw onAgoraOnly(id);
  const current = spec.agora.channelName ?? metadata.name;
  if (agoraChannelName === undefined || agoraChannelName === current) return;
  if (!spec.suspend && status?.relayStatus === 'active')
    throw new ApiProblem(
      'relay-running',
      `Channel ${id} is on air from the Agora channel ${current}. Stop its relay before you start it in ${agoraChannelName}, or change agoraChannelName of the channel, which interrupts the show.`,
    );
}

const onAgoraOnly = (id: ChannelId): ApiProblem =>
  new ApiProblem('agora-only', `Channel ${id} is on Agora only (streamMode agora-only).`);

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
