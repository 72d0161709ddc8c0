import Mux, { type ClientOptions } from '@mux/mux-node';
import { fetch, type Agent } from 'undici';
import { boundedResponse } from '../../base/http/read-body.ts';
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
  /** The connection pool, with the CA that verifies the server. */
  readonly agent: Agent;
  readonly rateLimits: RateLimits;
  /** Time limit of a call. Default: 15 s. */
  readonly timeoutMs?: number | undefined;
}

export type LiveStreamParams = Mux.Video.LiveStreamCreateParams;
type ListFilter = Pick<Mux.Video.LiveStreamListParams, 'status'>;

/**
 * Sustained calls per second, "with the ability to burst above this for short periods":
 * https://www.mux.com/docs/core/make-api-requests
 */
const POST_RATE = { perSecond: 1, burst: 5 };
const OTHER_RATE = { perSecond: 5, burst: 10 };
/** Maximum page size of a list, from the same source. */
const PAGE_SIZE = 100;
/** A throttled call had no effect, so it is retried after the pause that Mux requests. */
const MAX_ATTEMPTS = 3;

/**
 * The calls of Mux Video that the driver uses, made with the official SDK: rate-limited, with validated answers. Every
 * failure is a PlatformError. The SDK's own retries are disabled, because they ignore the rate limit and would repeat a
 * create.
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
      // Otherwise the SDK reads these from the operator's environment.
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
    this.#posts = rateLimits.bucket(`${account} POST`, POST_RATE);
    this.#others = rateLimits.bucket(`${account} other`, OTHER_RATE);
  }

  /** Creates a live stream. Not idempotent. */
  createStream(params: LiveStreamParams, signal: AbortSignal): Promise<MuxLiveStream> {
    const call: PacedCall = { what: 'create a live stream', writes: true, posts: true };
    return this.#call(call, liveStreamSchema, signal, (options) =>
      this.#mux.video.liveStreams.create(params, options),
    );
  }

  /** Undefined if the stream does not exist. */
  retrieveStream(id: string, signal: AbortSignal): Promise<MuxLiveStream | undefined> {
    const call = { what: `read live stream ${id}`, writes: false };
    return this.#call(call, liveStreamSchema, signal, (options) =>
      this.#mux.video.liveStreams.retrieve(id, options),
    ).catch(unlessGone);
  }

  /**
   * Lists all live streams, page by page, newest first. A stream created or deleted between two pages shifts only older
   * entries, so a stream whose create call just lost its answer is on the first page.
   */
  async listStreams(filter: ListFilter, signal: AbortSignal): Promise<MuxLiveStream[]> {
    const found = new Map<string, MuxLiveStream>();
    for (let page = 1; ; page++) {
      const streams = await this.#page({ ...filter, page, limit: PAGE_SIZE }, signal);
      for (const stream of streams) found.set(stream.id, stream);
      if (streams.length < PAGE_SIZE) return [...found.values()];
    }
  }

  /** Checks that the credentials can read, by listing one stream. */
  async probeRead(signal: AbortSignal): Promise<void> {
    await this.#page({ limit: 1 }, signal);
  }

  /** False if the stream does not exist. */
  async updatePassthrough(id: string, passthrough: string, signal: AbortSignal): Promise<boolean> {
    const call = { what: `update live stream ${id}`, writes: true };
    const updated = await this.#call(call, liveStreamSchema, signal, (options) =>
      this.#mux.video.liveStreams.update(id, { passthrough }, options),
    ).catch(unlessGone);
    return updated !== undefined;
  }

  /** Undefined if the stream does not exist. */
  resetStreamKey(id: string, signal: AbortSignal): Promise<MuxLiveStream | undefined> {
    const call: PacedCall = { what: `reset the key of live stream ${id}`, writes: true, posts: true };
    return this.#call(call, liveStreamSchema, signal, (options) =>
      this.#mux.video.liveStreams.resetStreamKey(id, options),
    ).catch(unlessGone);
  }

  /** Ends the broadcast without waiting for the reconnect window. False if the stream does not exist. */
  complete(id: string, signal: AbortSignal): Promise<boolean> {
    return this.#command(`end the broadcast of live stream ${id}`, signal, (options) =>
      this.#mux.video.liveStreams.complete(id, options),
    );
  }

  /** Disconnects the publisher, ends the broadcast and refuses new ones. False if the stream does not exist. */
  disable(id: string, signal: AbortSignal): Promise<boolean> {
    return this.#command(`disable live stream ${id}`, signal, (options) =>
      this.#mux.video.liveStreams.disable(id, options),
    );
  }

  /** False if the stream does not exist. */
  enable(id: string, signal: AbortSignal): Promise<boolean> {
    return this.#command(`enable live stream ${id}`, signal, (options) =>
      this.#mux.video.liveStreams.enable(id, options),
    );
  }

  /** False if the stream did not exist. */
  deleteStream(id: string, signal: AbortSignal): Promise<boolean> {
    return this.#command(`delete live stream ${id}`, signal, (options) =>
      this.#mux.video.liveStreams.delete(id, options),
    );
  }

  /** The recordings of the stream. */
  async listAssets(liveStreamId: string, signal: AbortSignal): Promise<MuxAsset[]> {
    const call = { what: `list the assets of live stream ${liveStreamId}`, writes: false };
    const found: MuxAsset[] = [];
    for (let page = 1; ; page++) {
      const query = { live_stream_id: liveStreamId, page, limit: PAGE_SIZE };
      const { data } = await this.#call(call, assetListSchema, signal, (options) =>
        this.#mux.get('/video/v1/assets', { query, ...options }),
      );
      found.push(...data);
      if (data.length < PAGE_SIZE) return found;
    }
  }

  /** Undefined if the asset does not exist. */
  retrieveAsset(id: string, signal: AbortSignal): Promise<MuxAsset | undefined> {
    return this.#call({ what: `read asset ${id}`, writes: false }, assetSchema, signal, (options) =>
      this.#mux.video.assets.retrieve(id, options),
    ).catch(unlessGone);
  }

  /** False if the asset did not exist. */
  deleteAsset(id: string, signal: AbortSignal): Promise<boolean> {
    return this.#command(`delete asset ${id}`, signal, (options) =>
      this.#mux.video.assets.delete(id, options),
    );
  }

  /** Time delivered of each asset, including deleted ones. Mux reports full hours, 12 hours later. */
  async deliveryUsage(from: Date, to: Date, signal: AbortSignal): Promise<MuxDeliveryReport[]> {
    const call = { what: 'read the delivery usage', writes: false };
    const timeframe = [from, to].map((at) => String(at.getTime() / 1_000));
    const found: MuxDeliveryReport[] = [];
    for (let page = 1; ; page++) {
      const query = { timeframe, page, limit: PAGE_SIZE };
      const { data } = await this.#call(call, deliveryReportListSchema, signal, (options) =>
        this.#mux.get('/video/v1/delivery-usage', { query, ...options }),
      );
      found.push(...data);
      if (data.length < PAGE_SIZE) return found;
    }
  }

  /**
   * Does not use the SDK's pagination, which treats an answer without `data` as an empty list. The caller would then
   * create a second stream.
   */
  async #page(query: Mux.Video.LiveStreamListParams, signal: AbortSignal): Promise<MuxLiveStream[]> {
    const call = { what: 'list the live streams', writes: false };
    const { data } = await this.#call(call, liveStreamListSchema, signal, (options) =>
      this.#mux.get('/video/v1/live-streams', { query, ...options }),
    );
    return data;
  }

  /** A change whose answer has no content. False if the stream or asset does not exist. */
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
          if (attempt < MAX_ATTEMPTS) continue;
        }
        if (call.writes && isStatus(cause, 401) && (await this.#mayRead(signal)))
          throw mayNotWrite(call, cause);
        throw muxError(cause, { ...call, baseUrl: this.#mux.baseURL, sent, aborted: signal.aborted });
      }
    }
  }

  /** Mux answers 401 both to an invalid token and to a missing permission. A read call distinguishes the two. */
  #mayRead(signal: AbortSignal): Promise<boolean> {
    return this.probeRead(signal).then(
      () => true,
      () => false,
    );
  }
}

type Send<T> = (options: { readonly signal: AbortSignal }) => PromiseLike<T>;

interface PacedCall extends MuxCall {
  /** Counts against Mux's lower limit for POST calls. */
  readonly posts?: true;
}

function unlessGone(error: unknown): undefined {
  if (error instanceof PlatformError && isStatus(error.cause, 404)) return undefined;
  throw error;
}

/** A page of live streams has some 100 KB. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** A `fetch` with the given dispatcher. The global fetch, the SDK's default, only accepts those of Node's own undici. */
function fetchThrough(dispatcher: Agent): NonNullable<ClientOptions['fetch']> {
  return async (url, { method = 'GET', headers, body, signal } = {}) => {
    const answer = await fetch(url instanceof Request ? url.url : url, {
      method,
      headers: Object.fromEntries(new Headers(headers)),
      body: typeof body === 'string' ? body : null,
      signal: signal ?? null,
      dispatcher,
    });
    return boundedResponse(answer, MAX_ANSWER_BYTES);
  };
}
