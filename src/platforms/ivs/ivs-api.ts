import { AsyncLocalStorage } from 'node:async_hooks';
import type { Ivs, IvsClientConfig } from '@aws-sdk/client-ivs';
import type { z } from 'zod';
import type { SecretText } from '../../base/secret-text.ts';
import type { RateLimits } from '../rate-limit.ts';
import { ivsError, nameOf, notIvsError } from './ivs-errors.ts';
import { operations, type Operation } from './ivs-operations.ts';

export interface IvsCredentials {
  readonly accessKeyId: SecretText;
  readonly secretAccessKey: SecretText;
  readonly sessionToken: SecretText | undefined;
}

export interface IvsApiOptions {
  readonly region: string;
  /** Always given, so that the SDK does not look for one in the environment. */
  readonly endpoint: string;
  readonly credentials: IvsCredentials;
  /** PEM; verifies the API's certificate where the system's CAs do not. */
  readonly certificateAuthority: string | undefined;
  readonly rateLimits: RateLimits;
  readonly timeoutMs?: number;
}

/** The options of one call, for the SDK. */
export interface CallOptions {
  readonly abortSignal: AbortSignal;
}

/** What an attempt must know of its call, and the call of its attempts: the SDK tells neither. */
interface CallUnderWay {
  readonly operation: Operation;
  readonly signal: AbortSignal;
  /** Whether anything was sent. */
  sent: boolean;
  /** What became of the last attempt; the SDK may wrap it and drop its code. */
  failure: unknown;
}

/** A little below what the account has at once, so that calls which the network bunches still pass. */
const BURST = 2;
/** For how long nobody calls after IVS said that it was too much. */
const HOLD_MS = 1_000;
const MAX_SOCKETS = 32;

/** The SDK, held to the account's limits, with answers checked. Throws PlatformErrors. */
export class IvsApi {
  readonly #options: IvsApiOptions;
  readonly #current = new AsyncLocalStorage<CallUnderWay>();
  #clients: Promise<{ readonly repeating: Ivs; readonly once: Ivs }> | undefined;

  constructor(options: IvsApiOptions) {
    this.#options = options;
  }

  /**
   * One call. `send` makes it with the client that is given: the SDK repeats calls that got no answer, but never one
   * that would make a second thing.
   * @example api.call('GetChannel', getChannelSchema, signal, (ivs, options) => ivs.getChannel({ arn }, options))
   */
  async call<T>(
    operation: Operation,
    answer: z.ZodType<T>,
    signal: AbortSignal,
    send: (ivs: Ivs, options: CallOptions) => Promise<unknown>,
  ): Promise<T> {
    const call = { operation, region: this.#options.region, endpoint: this.#options.endpoint };
    this.#clients ??= this.#load();
    const { repeating, once } = await this.#clients;
    const underWay: CallUnderWay = { operation, signal, sent: false, failure: undefined };
    let said: unknown;
    try {
      const client = operations[operation].repeatable ? repeating : once;
      said = await this.#current.run(underWay, () => send(client, { abortSignal: signal }));
    } catch (error) {
      throw ivsError(underWay.failure ?? error, call, underWay.sent);
    }
    const checked = answer.safeParse(said);
    if (!checked.success) throw notIvsError(checked.error, call);
    return checked.data;
  }

  /** The SDK takes 28 MB and 60 ms, which only those pay who have a platform of this kind. */
  async #load(): Promise<{ readonly repeating: Ivs; readonly once: Ivs }> {
    const { Ivs } = await import('./ivs-sdk.ts');
    const repeating = this.#paced(new Ivs(this.#config(2)));
    const { requestHandler } = repeating.config;
    const once = this.#paced(new Ivs({ ...this.#config(1), requestHandler }));
    return { repeating, once };
  }

  /** Everything that the SDK would otherwise take from the environment, files or the instance's metadata. */
  #config(maxAttempts: number): IvsClientConfig {
    const { region, endpoint, credentials, certificateAuthority, timeoutMs = 10_000 } = this.#options;
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    return {
      region,
      endpoint,
      credentials: {
        accessKeyId: accessKeyId.reveal(),
        secretAccessKey: secretAccessKey.reveal(),
        ...(sessionToken === undefined ? {} : { sessionToken: sessionToken.reveal() }),
      },
      maxAttempts,
      retryMode: 'standard',
      defaultsMode: 'standard',
      useDualstackEndpoint: false,
      useFipsEndpoint: false,
      authSchemePreference: ['aws.auth#sigv4'],
      userAgentAppId: 'livechannel-operator',
      requestHandler: {
        connectionTimeout: 5_000,
        requestTimeout: timeoutMs,
        throwOnRequestTimeout: true,
        httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
        httpsAgent: {
          keepAlive: true,
          maxSockets: MAX_SOCKETS,
          ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
        },
      },
    };
  }

  /** Each attempt, the SDK's own repetitions too, waits for its turn; and then it is signed. */
  #paced(client: Ivs): Ivs {
    const { region, endpoint, credentials, rateLimits } = this.#options;
    // Whoever uses the account by this key, by whatever StreamingPlatform, shares its limits.
    const account = `ivs ${endpoint} ${region} ${credentials.accessKeyId.reveal()}`;
    client.middlewareStack.addRelativeTo(
      <Request, Answer>(next: (request: Request) => Promise<Answer>) =>
        async (request: Request): Promise<Answer> => {
          const call = this.#current.getStore();
          if (call === undefined) throw new Error('calls go through IvsApi.call alone');
          const { perSecond } = operations[call.operation];
          const bucket = rateLimits.bucket(`${account} ${call.operation}`, { perSecond, burst: BURST });
          await bucket.take(call.signal);
          call.sent = true;
          try {
            return await next(request);
          } catch (error) {
            call.failure = error;
            if (nameOf(error) === 'ThrottlingException') bucket.hold(HOLD_MS);
            throw error;
          }
        },
      { name: 'livechannelPacing', relation: 'before', toMiddleware: 'httpSigningMiddleware' },
    );
    return client;
  }
}
