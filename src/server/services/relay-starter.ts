import { z } from 'zod';
import { findCondition } from '../../api/conditions.ts';
import type { ChannelId } from '../../api/channel-id.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { annotations } from '../../api/names.ts';
import { agoraChannelName } from '../../channel/desired/agora-channel.ts';
import { idleAsConfigured } from '../../channel/desired/idle.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { SecretText } from '../../base/secret-text.ts';
import type { ChannelCache } from '../cache/channel-cache.ts';
import type { Labels } from '../contract/labels.ts';
import { ApiProblem } from '../problems.ts';
import type { ChannelDraft } from './channel-draft.ts';
import { notFound, type ChannelWriter } from './channel-writer.ts';
import type { PassedTokens } from './passed-tokens.ts';

const RESUME_INTERVAL_MS = 5_000;
const RESUME_TIMEOUT_MS = 10_000;

/** A start, and what the app passed with it. */
export interface RelayStart {
  readonly id: ChannelId;
  /** The channel to create if it does not exist; it is on air. */
  readonly draft: () => ChannelDraft;
  readonly agoraChannelName?: string | undefined;
  readonly agoraToken?: SecretText | undefined;
  /** Set on an existing channel; a new one has those of its draft. */
  readonly labels?: Labels | undefined;
}

type TokenStore = Pick<PassedTokens, 'check' | 'withToken' | 'tokenPatch' | 'store'>;

/** Puts relays on air and resumes idle ones. */
export class RelayStarter {
  readonly #cache: ChannelCache;
  readonly #writer: ChannelWriter;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #waitMs: number;
  readonly #tokens: TokenStore;
  /** Monotonic time of the last resume by resource name. */
  readonly #resumed = new Map<string, number>();

  constructor(parts: {
    readonly cache: ChannelCache;
    readonly writer: ChannelWriter;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly waitMs: number;
    readonly tokens: TokenStore;
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
   * @throws ApiProblem agora-only, agora-token-not-accepted, agora-token-rejected, channel-ending, relay-running,
   *   stream-not-ready
   */
  async start(start: RelayStart, signal: AbortSignal): Promise<LiveChannel> {
    const wanted = await this.#wanted(start, signal);
    const { name } = wanted.metadata;
    const ready = (channel: LiveChannel | undefined): LiveChannel | undefined =>
      addressOf(channel) === undefined ? undefined : channel;
    const channel = await this.#cache.until(name, this.#waitMs, ready, signal);
    if (channel !== undefined) return channel;
    throw withoutAddress(start.id, this.#cache.named(name) ?? wanted);
  }

  async #wanted(start: RelayStart, signal: AbortSignal): Promise<LiveChannel> {
    const { id, agoraToken, agoraChannelName, labels } = start;
    let known = this.#cache.channel(id);
    if (known === undefined) {
      const { made, channel } = await this.#writer.create(id, this.#drafted(start), signal);
      if (made && agoraToken === undefined) return channel;
      known = channel;
    }
    refuseStart(start, known);
    // The token is in place before the relay needs it.
    if (agoraToken !== undefined) {
      this.#tokens.check(agoraToken, tokenUse(known, agoraChannelName));
      await this.#tokens.store(known, agoraToken, signal);
    }
    const agora = {
      ...(agoraChannelName === undefined ? {} : { channelName: agoraChannelName }),
      ...(agoraToken === undefined ? {} : this.#tokens.tokenPatch(known).spec.agora),
    };
    const resumes = idleAsConfigured(known) !== undefined || known.spec.relay.startOn === 'host';
    const metadata = {
      ...(resumes ? { annotations: { [annotations.resume]: this.#clock.now().toISOString() } } : {}),
      ...(labels === undefined ? {} : { labels }),
    };
    const patch = {
      // Written even if the cache shows it already, because the cache may lag behind a recent stop.
      spec: { suspend: false, ...(isEmpty(agora) ? {} : { agora }) },
      ...(isEmpty(metadata) ? {} : { metadata }),
    };
    return this.#writer.change(id, patch, undefined, signal);
  }

  /** The channel to create. With a token, its relay starts when the token is in place. */
  #drafted({ id, draft: drafted, agoraToken }: RelayStart): ChannelDraft {
    const draft = drafted();
    if ('streamMode' in draft.spec && draft.spec.streamMode === 'agora-only') throw onAgoraOnly(id);
    if (agoraToken === undefined) return draft;
    this.#tokens.check(agoraToken, draftTokenUse(draft));
    const { spec, ...rest } = this.#tokens.withToken(draft);
    return { ...rest, spec: { ...spec, suspend: true } };
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

const isEmpty = (object: object): boolean => Object.keys(object).length === 0;

/** @throws ApiProblem if the channel cannot be started as it is */
function refuseStart({ id, agoraChannelName: wanted }: RelayStart, channel: LiveChannel): void {
  const { metadata, spec, status } = channel;
  if (metadata.deletionTimestamp !== undefined)
    throw new ApiProblem(
      'channel-ending',
      `Channel ${id} is being deleted; start it again when it is gone.`,
      { retryAfterSeconds: 5 },
    );
  if (spec.streamMode === 'agora-only') throw onAgoraOnly(id);
  const current = agoraChannelName(channel);
  if (wanted === undefined || wanted === current) return;
  if (!spec.suspend && status?.relayStatus === 'active')
    throw new ApiProblem(
      'relay-running',
      `Channel ${id} is on air from the Agora channel ${current}. Stop its relay before you start it in ${wanted}, or change agoraChannelName of the channel, which interrupts the show.`,
    );
}

type TokenUse = Parameters<PassedTokens['check']>[1];

/** What a token must be for. */
function tokenUse(channel: LiveChannel, channelName = agoraChannelName(channel)): TokenUse {
  return {
    channelName,
    hostUid: channel.spec.agora.hostUid,
    replicas: channel.spec.relay.replicas,
  };
}

const draftedSpec = z.looseObject({
  agora: z.looseObject({ channelName: z.string().optional(), hostUid: z.int().optional() }),
  relay: z.looseObject({ replicas: z.int().optional() }).optional(),
});

function draftTokenUse({ metadata, spec }: ChannelDraft): TokenUse {
  const { agora, relay } = draftedSpec.parse(spec);
  const { channelName = metadata.name, hostUid } = agora;
  return { channelName, hostUid, ...(relay?.replicas === undefined ? {} : { replicas: relay.replicas }) };
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
  if (spec.streamMode === 'agora-only') return onAgoraOnly(id);
  const fallback = findCondition(status?.conditions, 'FallbackActive');
  const why = status?.modeReason ?? (fallback?.status === 'True' ? fallback.message : undefined);
  // Without a reason, viewers are on Agora only until the stream has media.
  if (status?.effectiveStreamMode === 'agora-only' && why !== undefined)
    return new ApiProblem('agora-only', why);
  const ready = findCondition(status?.conditions, 'Ready');
  const state =
    ready === undefined
      ? 'Not reconciled yet. Is the operator running?'
      : `${ready.reason}: ${ready.message}`;
  return new ApiProblem('stream-not-ready', state, { retryAfterSeconds: 2 });
}
