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
  /** Rate limit of all calls. */
  readonly bucket: TokenBucket;
  readonly dispatcher: Dispatcher;
  /** Time limit of a call. */
  readonly timeoutMs: number;
}

/** Maximum page size of a listing. */
const PAGE_SIZE = 1_000;
const MINUTES_VIEWED_QUERY = `query ($account: string, $from: Time, $to: Time) {
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
/** A uid that no input has. */
const ABSENT_INPUT_UID = '0'.repeat(32);

/**
 * The calls of Cloudflare's API that the driver uses, with validated answers. Throws PlatformErrors.
 *
 * The SDK's retries are disabled: their pauses ignore the signal and the injected clock, last for the whole `retry-after`
 * (minutes), and treat a 409 as a lock, which is wrong for this API. The caller decides on a retry by the error's
 * `outcome`. The bucket delays all calls for the time that Cloudflare requests.
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
      // Otherwise the SDK reads these from the environment and sends them.
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
   * Checks the permission to change inputs with an empty update of an input that does not exist. Cloudflare refuses it for
   * a read-only token, and it has no effect otherwise.
   */
  async mayWrite(signal: AbortSignal): Promise<void> {
    await this.#call(
      { operation: 'liveInputs.update', writes: false },
      signal,
      (options) => this.#client.stream.liveInputs.update(ABSENT_INPUT_UID, this.#account, options),
      liveInputSchema,
      (refused) => isAbsent(refused) || isRefusedByContent(refused),
    );
  }

  /** The IDs of the account's keys for signing playback tokens. */
  async signingKeys(signal: AbortSignal): Promise<readonly string[]> {
    const keys = await this.#call(
      { operation: 'stream.keys.get', writes: false },
      signal,
      async (options) => (await this.#client.stream.keys.get(this.#account, options)).result,
      z.array(z.object({ id: z.string().optional(), key_id: z.string().optional() })),
    );
    return keys.flatMap(({ id, key_id }) => [id, key_id].filter((one) => one !== undefined));
  }

  /**
   * Creates an input, or returns the one created before with the same key. 'spent': the input of this key was deleted,
   * and the key cannot create another one for six hours.
   */
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

  /** Undefined if the input does not exist. */
  getInput(uid: string, signal: AbortSignal): Promise<LiveInput | undefined> {
    return this.#call(
      { operation: 'liveInputs.get', writes: false },
      signal,
      (options) => this.#client.stream.liveInputs.get(uid, this.#account, options),
      liveInputSchema,
      isAbsent,
    );
  }

  /**
   * Updates an input. Fields that are not in `body` keep their values; an object in `body` replaces the whole old object.
   * Undefined if the input does not exist.
   */
  updateInput(uid: string, body: object, signal: AbortSignal): Promise<LiveInput | undefined> {
    return this.#call(
      { operation: 'liveInputs.update', writes: true },
      signal,
      (options) => this.#client.stream.liveInputs.update(uid, { ...body, ...this.#account }, options),
      liveInputSchema,
      isAbsent,
    );
  }

  /** Replaces the input's keys. Undefined if the input does not exist. The SDK has no method for this call. */
  rotateKeys(uid: string, signal: AbortSignal): Promise<LiveInput | 'unclear' | undefined> {
    return this.#call(
      { operation: 'liveInputs.rotateKeys', writes: true },
      signal,
      (options) => this.#client.post(`${this.#inputs}/${encodeURIComponent(uid)}/rotate_keys`, options),
      rotatedSchema,
      isAbsent,
    );
  }

  /** Deletes an input. Succeeds if it does not exist. */
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
   * Lists all inputs of the account. Pages after the first are requested with `end`, which is documented only for videos.
   * If Cloudflare ignores it, this fails and does not return an incomplete list.
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
    }, PAGE_SIZE);
  }

  /**
   * All videos of an input: the current broadcast and the recordings. Undefined if the input does not exist. The SDK has no
   * method for this call.
   */
  videosOf(uid: string, signal: AbortSignal): Promise<readonly Video[] | undefined> {
    return this.#call(
      { operation: 'liveInputs.videos', writes: false },
      signal,
      (options) => this.#client.get(`${this.#inputs}/${encodeURIComponent(uid)}/videos`, options),
      videosEnvelopeSchema,
      isAbsent,
    );
  }

  /** All current broadcasts of the account. Needs one call per 1,000. */
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
    }, PAGE_SIZE);
  }

  /** Undefined if the video does not exist. */
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
   * Minutes delivered to viewers by video uid, of the 10,000 most watched videos.
   * https://developers.cloudflare.com/stream/getting-analytics/fetching-bulk-analytics/
   */
  async minutesViewed(from: Date, to: Date, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const call = { operation: 'graphql.streamMinutesViewed', writes: false };
    const { accountId: account } = this.#options;
    const variables = { account, from: from.toISOString(), to: to.toISOString() };
    const body = { query: MINUTES_VIEWED_QUERY, variables };
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

  /** Deletes a video. Succeeds if it does not exist, and if Cloudflare refuses because it is still being recorded. */
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

  /** Undefined if Cloudflare refuses the call and the refusal is `expected`. */
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

  /** Finds the cause of "10000 Authentication error": an invalid token, a missing permission or the wrong account. */
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

  /** Verifies the token. User tokens and account tokens have different routes for that. */
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

  /** A call that only improves an error message: undefined if it fails. */
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
