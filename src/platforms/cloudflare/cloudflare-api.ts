import { BaseAccounts } from 'cloudflare/resources/accounts/accounts';
import { BaseTokens as BaseAccountTokens } from 'cloudflare/resources/accounts/tokens/tokens';
import { BaseKeys } from 'cloudflare/resources/stream/keys';
import { BaseLiveInputs } from 'cloudflare/resources/stream/live-inputs/live-inputs';
import { BaseStream } from 'cloudflare/resources/stream/stream';
import { BaseTokens as BaseUserTokens } from 'cloudflare/resources/user/tokens/tokens';
import { createClient } from 'cloudflare/tree-shakable';
import type { Dispatcher } from 'undici';
import { z } from 'zod';
import type { SecretText } from '../../base/secret-text.ts';
import type { PlatformError } from '../errors.ts';
import type { TokenBucket } from '../rate-limit.ts';
import { allPages } from './all-pages.ts';
import {
  rotatedSchema,
  inputListSchema,
  liveInputSchema,
  minutesViewedSchema,
  namedSchema,
  tokenSchema,
  videosEnvelopeSchema,
  videoSchema,
  videosSchema,
  type ListedInput,
  type LiveInput,
  type Video,
} from './cloudflare-answers.ts';
import {
  badToken,
  isAbsent,
  isPlatformFault,
  isRefusedByContent,
  noAnalytics,
  noAnswerError,
  noPermission,
  notSentError,
  refusalError,
  refusedAnswer,
  wrongAccount,
  type Call,
  type RefusedAnswer,
} from './cloudflare-errors.ts';
import { fetchThrough } from './sdk-fetch.ts';

export interface CloudflareApiOptions {
  readonly accountId: string;
  readonly baseUrl: string;
  readonly token: SecretText;
  /** Every call takes a turn here. */
  readonly bucket: TokenBucket;
  readonly dispatcher: Dispatcher;
  readonly timeoutMs: number;
}

/** The most that a listing gives at once. */
const PAGE = 1_000;
const minutesViewedQuery = `query ($account: string, $from: Time, $to: Time) {
  viewer {
    accounts(filter: { accountTag: $account }) {
      streamMinutesViewedAdaptiveGroups(
        limit: 10000
        orderBy: [sum_minutesViewed_DESC]
        filter: { datetime_geq: $from, datetime_lt: $to }
      ) {
        sum { minutesViewed }
        dimensions { uid }
      }
    }
  }
}`;
/** The uid of no input. */
const NOBODY = '0'.repeat(32);

/**
 * The calls of Cloudflare's API that are needed, with their answers checked. Throws PlatformErrors.
 *
 * The SDK tries nothing again by itself: its pauses end neither with the signal nor with the injected clock, last as
 * long as `retry-after` says (minutes), and take a 409 for a lock, which it is not here. Whoever called decides, by
 * the error's `outcome`; all wait in the bucket for as long as Cloudflare asked.
 */
export class CloudflareApi {
  readonly #options: CloudflareApiOptions;
  readonly #client;
  readonly #account: { readonly account_id: string };

  constructor(options: CloudflareApiOptions) {
    this.#options = options;
    this.#account = { account_id: options.accountId };
    this.#client = createClient({
      resources: [BaseStream, BaseLiveInputs, BaseKeys, BaseAccounts, BaseUserTokens, BaseAccountTokens],
      apiToken: options.token.reveal(),
      // Else the SDK takes them from the environment, and sends them along.
      apiKey: null,
      apiEmail: null,
      userServiceKey: null,
      baseURL: options.baseUrl,
      maxRetries: 0,
      timeout: options.timeoutMs,
      logLevel: 'off',
      fetch: fetchThrough(options.dispatcher),
    });
  }

  /**
   * Whether inputs may be written: by changing nothing of one that does not exist. That is refused to a token that
   * may only read, and leaves nothing behind.
   */
  async mayWrite(signal: AbortSignal): Promise<void> {
    await this.#call(
      { operation: 'liveInputs.update', writes: false },
      signal,
      (options) => this.#client.stream.liveInputs.update(NOBODY, this.#account, options),
      liveInputSchema,
      (refused) => isAbsent(refused) || isRefusedByContent(refused),
    );
  }

  /** The ids of the keys that playback tokens may be signed with. */
  async signingKeys(signal: AbortSignal): Promise<readonly string[]> {
    const keys = await this.#call(
      { operation: 'stream.keys.get', writes: false },
      signal,
      async (options) => (await this.#client.stream.keys.get(this.#account, options)).result,
      z.array(z.object({ id: z.string().optional(), key_id: z.string().optional() })),
    );
    return keys.flatMap(({ id, key_id }) => [id, key_id].filter((one) => one !== undefined));
  }

  /** 'spent': the input that was made with this key is deleted, and for six hours the key makes no other. */
  async createInput(body: object, idempotencyKey: string, signal: AbortSignal): Promise<LiveInput | 'spent'> {
    const input = await this.#call(
      { operation: 'liveInputs.create', writes: true },
      signal,
      (options) =>
        this.#client.stream.liveInputs.create(
          { ...body, ...this.#account, 'Idempotency-Key': idempotencyKey },
          options,
        ),
      liveInputSchema,
      ({ status }) => status === 409,
    );
    return input ?? 'spent';
  }

  getInput(uid: string, signal: AbortSignal): Promise<LiveInput | undefined> {
    return this.#call(
      { operation: 'liveInputs.get', writes: false },
      signal,
      (options) => this.#client.stream.liveInputs.get(uid, this.#account, options),
      liveInputSchema,
      isAbsent,
    );
  }

  /** Fields that are not in `body` stay; an object that is in it takes the place of what was. */
  updateInput(uid: string, body: object, signal: AbortSignal): Promise<LiveInput | undefined> {
    return this.#call(
      { operation: 'liveInputs.update', writes: true },
      signal,
      (options) => this.#client.stream.liveInputs.update(uid, { ...body, ...this.#account }, options),
      liveInputSchema,
      isAbsent,
    );
  }

  /** The SDK has no method for it. */
  rotateKeys(uid: string, signal: AbortSignal): Promise<LiveInput | 'unclear' | undefined> {
    return this.#call(
      { operation: 'liveInputs.rotateKeys', writes: true },
      signal,
      (options) => this.#client.post(`${this.#inputs}/${encodeURIComponent(uid)}/rotate_keys`, options),
      rotatedSchema,
      isAbsent,
    );
  }

  /** One that is gone already is a success. */
  async deleteInput(uid: string, signal: AbortSignal): Promise<void> {
    await this.#call(
      { operation: 'liveInputs.delete', writes: true },
      signal,
      (options) => this.#client.stream.liveInputs.delete(uid, this.#account, options),
      z.unknown(),
      isAbsent,
    );
  }

  /**
   * All inputs of the account. The first page needs no option; those after it are asked for with `end`, which is
   * documented for videos. Where that should not be heeded, this fails rather than gives a part for the whole.
   */
  listInputs(signal: AbortSignal): Promise<readonly ListedInput[]> {
    return allPages(async (end) => {
      const page = await this.#call(
        { operation: 'liveInputs.list', writes: false },
        signal,
        (options) =>
          this.#client.stream.liveInputs.list(this.#account, {
            ...options,
            query: { include_counts: true, ...(end === undefined ? {} : { end }) },
          }),
        inputListSchema,
      );
      return { items: page.liveInputs, total: page.total ?? undefined };
    }, PAGE);
  }

  /** Every video of an input: what is broadcast now, and what was recorded. The SDK has no method for it. */
  videosOf(uid: string, signal: AbortSignal): Promise<readonly Video[] | undefined> {
    return this.#call(
      { operation: 'liveInputs.videos', writes: false },
      signal,
      (options) => this.#client.get(`${this.#inputs}/${encodeURIComponent(uid)}/videos`, options),
      videosEnvelopeSchema,
      isAbsent,
    );
  }

  /** What the account broadcasts now: a call for each thousand. */
  liveVideos(signal: AbortSignal): Promise<readonly Video[]> {
    return allPages(async (end) => {
      const query = { status: 'live-inprogress' as const, ...(end === undefined ? {} : { end }) };
      const items = await this.#call(
        { operation: 'stream.list', writes: false },
        signal,
        async (options) => (await this.#client.stream.list({ ...this.#account, ...query }, options)).result,
        videosSchema,
      );
      return { items, total: undefined };
    }, PAGE);
  }

  getVideo(uid: string, signal: AbortSignal): Promise<Video | undefined> {
    return this.#call(
      { operation: 'stream.get', writes: false },
      signal,
      (options) => this.#client.stream.get(uid, this.#account, options),
      videoSchema,
      isAbsent,
    );
  }

  /**
   * Minutes that viewers were sent, by video, the most watched ten thousand.
   * https://developers.cloudflare.com/stream/getting-analytics/fetching-bulk-analytics/
   */
  async minutesViewed(from: Date, to: Date, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const call = { operation: 'graphql.streamMinutesViewed', writes: false };
    const { accountId: account } = this.#options;
    const variables = { account, from: from.toISOString(), to: to.toISOString() };
    const body = { query: minutesViewedQuery, variables };
    const { data, errors } = await this.#call(
      call,
      signal,
      (options) => this.#client.post('/graphql', { body, ...options }),
      minutesViewedSchema,
    );
    const groups = data?.viewer.accounts[0]?.streamMinutesViewedAdaptiveGroups;
    if (groups === undefined) throw noAnalytics(errors?.map(({ message }) => message).join('; '), account);
    return new Map(groups.map(({ sum, dimensions }) => [dimensions.uid, sum.minutesViewed]));
  }

  /** Of one that is still being recorded a refusal is waited out. One that is gone already is a success. */
  async deleteVideo({ uid, status }: Video, signal: AbortSignal): Promise<void> {
    const finished = status?.state === 'ready' || status?.state === 'error';
    await this.#call(
      { operation: 'stream.delete', writes: true },
      signal,
      (options) => this.#client.stream.delete(uid, this.#account, options),
      z.unknown(),
      (refused) => isAbsent(refused) || (!finished && isRefusedByContent(refused)),
    );
  }

  get #inputs(): string {
    return `/accounts/${encodeURIComponent(this.#options.accountId)}/stream/live_inputs`;
  }

  /** Undefined where the answer is a refusal that is `expected`. */
  async #call<T>(
    call: Call,
    signal: AbortSignal,
    run: (options: { readonly signal: AbortSignal }) => PromiseLike<unknown>,
    schema: z.ZodType<T>,
  ): Promise<T>;
  async #call<T>(
    call: Call,
    signal: AbortSignal,
    run: (options: { readonly signal: AbortSignal }) => PromiseLike<unknown>,
    schema: z.ZodType<T>,
    expected: (refused: RefusedAnswer) => boolean,
  ): Promise<T | undefined>;
  async #call<T>(
    call: Call,
    signal: AbortSignal,
    run: (options: { readonly signal: AbortSignal }) => PromiseLike<unknown>,
    schema: z.ZodType<T>,
    expected?: (refused: RefusedAnswer) => boolean,
  ): Promise<T | undefined> {
    const { accountId, baseUrl, bucket } = this.#options;
    try {
      await bucket.take(signal);
    } catch (cause) {
      throw notSentError(cause, call);
    }
    try {
      return schema.parse(await run({ signal }));
    } catch (error) {
      const refused = refusedAnswer(error);
      if (refused === undefined) throw isPlatformFault(error) ? noAnswerError(error, call, baseUrl) : error;
      if (refused.retryAfterMs !== undefined) bucket.hold(refused.retryAfterMs);
      if (expected?.(refused) === true) return undefined;
      throw refusalError(refused, call, accountId) ?? (await this.#whoIsToBlame(refused, call, signal));
    }
  }

  /** "10000 Authentication error" is said of a bad token, of a missing permission and of another's account alike. */
  async #whoIsToBlame({ said }: RefusedAnswer, call: Call, signal: AbortSignal): Promise<PlatformError> {
    const { accountId } = this.#options;
    if (!(await this.#tokenIsGood(signal))) return badToken(call, said);
    const accounts = await this.#ask(signal, namedSchema, async (options) => {
      return (await this.#client.accounts.list({}, options)).result;
    });
    const reachable = accounts?.map(({ id }) => id) ?? [];
    return reachable.length > 0 && !reachable.includes(accountId)
      ? wrongAccount(call, said, accountId, reachable)
      : noPermission(call, said, accountId);
  }

  /** Tokens belong to a user or to an account, and each kind has its own place to ask. */
  async #tokenIsGood(signal: AbortSignal): Promise<boolean> {
    const ofUser = await this.#ask(signal, tokenSchema, (options) =>
      this.#client.user.tokens.verify(options),
    );
    if (ofUser !== undefined) return ofUser.status === 'active';
    const ofAccount = await this.#ask(signal, tokenSchema, (options) =>
      this.#client.accounts.tokens.verify(this.#account, options),
    );
    return ofAccount?.status === 'active';
  }

  /** For what only makes a sentence better: undefined where there is no good answer. */
  async #ask<T>(
    signal: AbortSignal,
    schema: z.ZodType<T>,
    run: (options: { readonly signal: AbortSignal }) => PromiseLike<unknown>,
  ): Promise<T | undefined> {
    try {
      await this.#options.bucket.take(signal);
      return schema.parse(await run({ signal }));
    } catch (error) {
      if (isPlatformFault(error) || signal.aborted) return undefined;
      throw error;
    }
  }
}
