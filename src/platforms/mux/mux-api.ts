import Mux, { type ClientOptions } from '@mux/mux-node';
import { fetch, type Agent } from 'undici';
import type { z } from 'zod';
import type { SecretText } from '../../base/secret-text.ts';
import { PlatformError } from '../errors.ts';
import type { RateLimits, TokenBucket } from '../rate-limit.ts';
import {
  assetListSchema,
  assetSchema,
  deliveryReportListSchema,
  liveStreamListSchema,
  liveStreamSchema,
  type MuxAsset,
  type MuxDeliveryReport,
  type MuxLiveStream,
} from './mux-answers.ts';
import { isStatus, mayNotWrite, muxError, notMuxError, retryAfterMs, type MuxCall } from './mux-errors.ts';

export interface MuxApiOptions {
  readonly tokenId: SecretText;
  readonly tokenSecret: SecretText;
  /** Default: https://api.mux.com */
  readonly baseUrl: string | undefined;
  /** Holds the connections, and the CA that verifies them. */
  readonly agent: Agent;
  readonly rateLimits: RateLimits;
  /** How long an answer may take. Default 15 s. */
  readonly timeoutMs?: number | undefined;
}

export type LiveStreamParams = Mux.Video.LiveStreamCreateParams;
type ListFilter = Pick<Mux.Video.LiveStreamListParams, 'status'>;

/**
 * Sustained calls a second, "with the ability to burst above this for short periods":
 * https://www.mux.com/docs/core/make-api-requests
 */
const POSTS = { perSecond: 1, burst: 5 };
const OTHERS = { perSecond: 5, burst: 10 };
/** The most that a list gives at once; same page. */
const PAGE = 100;
/** Refused for being too many, a call has had no effect: it is said again, after the pause that Mux asks for. */
const ATTEMPTS = 3;

/**
 * The calls of Mux Video that the driver needs, on the official SDK: paced, with the answers checked and every failure
 * a PlatformError. The SDK's own retries are off: they know neither our pace nor that a create must not be repeated.
 */
export class MuxApi {
  readonly #mux: Mux;
  readonly #timeoutMs: number;
  readonly #posts: TokenBucket;
  readonly #others: TokenBucket;

  constructor({ tokenId, tokenSecret, baseUrl, agent, rateLimits, timeoutMs = 15_000 }: MuxApiOptions) {
    this.#timeoutMs = timeoutMs;
    this.#mux = new Mux({
      tokenId: tokenId.reveal(),
      tokenSecret: tokenSecret.reveal(),
      // What the environment of the operator says is not meant for it.
      authorizationToken: null,
      jwtSigningKey: null,
      jwtPrivateKey: null,
      webhookSecret: null,
      baseURL: (baseUrl ?? 'https://api.mux.com').replace(/\/+$/, ''),
      maxRetries: 0,
      logLevel: 'off',
      fetch: fetchThrough(agent),
    });
    const account = `mux ${this.#mux.baseURL} ${tokenId.reveal()}`;
    this.#posts = rateLimits.bucket(`${account} POST`, POSTS);
    this.#others = rateLimits.bucket(`${account} other`, OTHERS);
  }

  createStream(params: LiveStreamParams, signal: AbortSignal): Promise<MuxLiveStream> {
    const call: PacedCall = { what: 'create a live stream', writes: true, posts: true };
    return this.#call(call, liveStreamSchema, signal, (options) =>
      this.#mux.video.liveStreams.create(params, options),
    );
  }

  /** Undefined when there is no such stream. */
  retrieveStream(id: string, signal: AbortSignal): Promise<MuxLiveStream | undefined> {
    const call = { what: `read live stream ${id}`, writes: false };
    return this.#call(call, liveStreamSchema, signal, (options) =>
      this.#mux.video.liveStreams.retrieve(id, options),
    ).catch(unlessGone);
  }

  /**
   * All of them, page by page. The newest come first, so that one that comes or goes between two pages shifts what is
   * old: a stream whose create was just lost is on the first page.
   */
  async listStreams(filter: ListFilter, signal: AbortSignal): Promise<MuxLiveStream[]> {
    const found = new Map<string, MuxLiveStream>();
    for (let page = 1; ; page++) {
      const streams = await this.#page({ ...filter, page, limit: PAGE }, signal);
      for (const stream of streams) found.set(stream.id, stream);
      if (streams.length < PAGE) return [...found.values()];
    }
  }

  /** Whether the credentials read: one stream is asked for. */
  async probeRead(signal: AbortSignal): Promise<void> {
    await this.#page({ limit: 1 }, signal);
  }

  /** False when there is no such stream. */
  async updatePassthrough(id: string, passthrough: string, signal: AbortSignal): Promise<boolean> {
    const call = { what: `update live stream ${id}`, writes: true };
    const updated = await this.#call(call, liveStreamSchema, signal, (options) =>
      this.#mux.video.liveStreams.update(id, { passthrough }, options),
    ).catch(unlessGone);
    return updated !== undefined;
  }

  /** Undefined when there is no such stream. */
  resetStreamKey(id: string, signal: AbortSignal): Promise<MuxLiveStream | undefined> {
    const call: PacedCall = { what: `reset the key of live stream ${id}`, writes: true, posts: true };
    return this.#call(call, liveStreamSchema, signal, (options) =>
      this.#mux.video.liveStreams.resetStreamKey(id, options),
    ).catch(unlessGone);
  }

  /** Ends the broadcast without waiting for the reconnect window. False when there is no such stream. */
  complete(id: string, signal: AbortSignal): Promise<boolean> {
    return this.#command(`end the broadcast of live stream ${id}`, signal, (options) =>
      this.#mux.video.liveStreams.complete(id, options),
    );
  }

  /** Cuts the publisher off, ends the broadcast and refuses the next. False when there is no such stream. */
  disable(id: string, signal: AbortSignal): Promise<boolean> {
    return this.#command(`disable live stream ${id}`, signal, (options) =>
      this.#mux.video.liveStreams.disable(id, options),
    );
  }

  /** False when there is no such stream. */
  enable(id: string, signal: AbortSignal): Promise<boolean> {
    return this.#command(`enable live stream ${id}`, signal, (options) =>
      this.#mux.video.liveStreams.enable(id, options),
    );
  }

  /** False when there was no such stream. */
  deleteStream(id: string, signal: AbortSignal): Promise<boolean> {
    return this.#command(`delete live stream ${id}`, signal, (options) =>
      this.#mux.video.liveStreams.delete(id, options),
    );
  }

  /** What Mux has recorded of the stream. */
  async listAssets(liveStreamId: string, signal: AbortSignal): Promise<MuxAsset[]> {
    const call = { what: `list the assets of live stream ${liveStreamId}`, writes: false };
    const found: MuxAsset[] = [];
    for (let page = 1; ; page++) {
      const query = { live_stream_id: liveStreamId, page, limit: PAGE };
      const { data } = await this.#call(call, assetListSchema, signal, (options) =>
        this.#mux.get('/video/v1/assets', { query, ...options }),
      );
      found.push(...data);
      if (data.length < PAGE) return found;
    }
  }

  /** Undefined when there is no such asset. */
  retrieveAsset(id: string, signal: AbortSignal): Promise<MuxAsset | undefined> {
    return this.#call({ what: `read asset ${id}`, writes: false }, assetSchema, signal, (options) =>
      this.#mux.video.assets.retrieve(id, options),
    ).catch(unlessGone);
  }

  /** False when there was no such asset. */
  deleteAsset(id: string, signal: AbortSignal): Promise<boolean> {
    return this.#command(`delete asset ${id}`, signal, (options) =>
      this.#mux.video.assets.delete(id, options),
    );
  }

  /** What was delivered of each asset, deleted ones too. Mux tells it by full hours, 12 hours later. */
  async deliveryUsage(from: Date, to: Date, signal: AbortSignal): Promise<MuxDeliveryReport[]> {
    const call = { what: 'read the delivery usage', writes: false };
    const timeframe = [from, to].map((at) => String(at.getTime() / 1_000));
    const found: MuxDeliveryReport[] = [];
    for (let page = 1; ; page++) {
      const query = { timeframe, page, limit: PAGE };
      const { data } = await this.#call(call, deliveryReportListSchema, signal, (options) =>
        this.#mux.get('/video/v1/delivery-usage', { query, ...options }),
      );
      found.push(...data);
      if (data.length < PAGE) return found;
    }
  }

  /** The SDK's own pages take an answer without `data` for an empty list, and then a second stream is made. */
  async #page(query: Mux.Video.LiveStreamListParams, signal: AbortSignal): Promise<MuxLiveStream[]> {
    const call = { what: 'list the live streams', writes: false };
    const { data } = await this.#call(call, liveStreamListSchema, signal, (options) =>
      this.#mux.get('/video/v1/live-streams', { query, ...options }),
    );
    return data;
  }

  /** A change whose answer holds nothing. */
  #command(what: string, signal: AbortSignal, send: Send<void>): Promise<boolean> {
    const sendIt: Send<true> = async (options) => {
      await send(options);
      return true;
    };
    return this.#attempt({ what, writes: true }, signal, sendIt)
      .catch(unlessGone)
      .then((done) => done ?? false);
  }

  #call<T>(call: PacedCall, schema: z.ZodType<T>, signal: AbortSignal, send: Send<unknown>): Promise<T> {
    return this.#attempt(call, signal, async (options) => {
      const value = schema.safeParse(await send(options));
      if (value.success) return value.data;
      throw notMuxError(value.error, call, this.#mux.baseURL);
    });
  }

  async #attempt<T>(call: PacedCall, signal: AbortSignal, send: Send<T>): Promise<T> {
    const bucket = call.posts === true ? this.#posts : this.#others;
    for (let attempt = 1; ; attempt++) {
      let sent = false;
      try {
        await bucket.take(signal);
        sent = true;
        return await send({ signal: AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)]) });
      } catch (cause) {
        if (isStatus(cause, 429)) {
          bucket.hold(retryAfterMs(cause) ?? attempt * 1_000);
          if (attempt < ATTEMPTS) continue;
        }
        if (call.writes && isStatus(cause, 401) && (await this.#mayRead(signal)))
          throw mayNotWrite(call, cause);
        throw muxError(cause, { ...call, baseUrl: this.#mux.baseURL, sent, aborted: signal.aborted });
      }
    }
  }

  /** Mux answers 401 to a wrong token and to one without the permission; reading tells the two apart. */
  #mayRead(signal: AbortSignal): Promise<boolean> {
    return this.probeRead(signal).then(
      () => true,
      () => false,
    );
  }
}

type Send<T> = (options: { readonly signal: AbortSignal }) => PromiseLike<T>;

interface PacedCall extends MuxCall {
  /** Counted by Mux with the POSTs, which are fewer. */
  readonly posts?: true;
}

function unlessGone(error: unknown): undefined {
  if (error instanceof PlatformError && isStatus(error.cause, 404)) return undefined;
  throw error;
}

/** The SDK calls the global fetch, whose dispatchers are those of Node's own copy of undici, not of ours. */
function fetchThrough(dispatcher: Agent): NonNullable<ClientOptions['fetch']> {
  return (url, { method = 'GET', headers, body, signal } = {}) =>
    fetch(url instanceof Request ? url.url : url, {
      method,
      headers: Object.fromEntries(new Headers(headers)),
      body: typeof body === 'string' ? body : null,
      signal: signal ?? null,
      dispatcher,
    });
}
