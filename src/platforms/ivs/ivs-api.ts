import { AsyncLocalStorage } from 'node:async_hooks';
import type { Ivs, IvsClientConfig } from '@aws-sdk/client-ivs';
import type { z } from 'zod';
import type { SecretText } from '../../base/secret-text.ts';
import type { RateLimits } from '../rate-limit.ts';
import { ivsError, nameOf, notIvsError } from './ivs-errors.ts';
import { operations, type Operation } from './ivs-operations.ts';

/** An access key of AWS. `sessionToken` only for temporary credentials. */
export interface IvsCredentials {
  readonly accessKeyId: SecretText;
  readonly secretAccessKey: SecretText;
  readonly sessionToken: SecretText | undefined;
}

export interface IvsApiOptions {
  readonly region: string;
  /** Always set, so that the SDK does not read one from the environment. */
  readonly endpoint: string;
  readonly credentials: IvsCredentials;
  /** PEM that verifies the API's certificate if the system's CAs do not. */
  readonly certificateAuthority: string | undefined;
  readonly rateLimits: RateLimits;
  /** Time limit of one attempt. Default: 10 s. */
  readonly timeoutMs?: number;
}

/** Options that the SDK accepts for one call. */
export interface CallOptions {
  readonly abortSignal: AbortSignal;
}

/** State shared between a call and its attempts, which the SDK does not pass on. */
interface CallUnderWay {
  readonly operation: Operation;
  readonly signal: AbortSignal;
  /** Whether at least one attempt was sent. */
  sent: boolean;
  /** The error of the last attempt. The SDK may wrap it and drop its code. */
  failure: unknown;
}

/** Below the account's own burst limit, so that calls that the network delivers together still pass. */
const BURST = 2;
/** Pause of an operation after IVS throttled it. */
const THROTTLED_PAUSE_MS = 1_000;
const MAX_SOCKETS = 32;

/** The SDK with the account's rate limits applied and with validated answers. Throws PlatformErrors. */
export class IvsApi {
  readonly #options: IvsApiOptions;
  readonly #current = new AsyncLocalStorage<CallUnderWay>();
  #clients: Promise<{ readonly repeating: Ivs; readonly once: Ivs }> | undefined;

  constructor(options: IvsApiOptions) {
    this.#options = options;
  }

  /**
   * Makes one call. `send` makes it with the client that it receives. The SDK retries calls that got no answer, except
   * those that would create a second resource.
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

  /** Loads the SDK on the first call: it needs 28 MB and 60 ms, which a process without IVS platforms should not pay. */
  async #load(): Promise<{ readonly repeating: Ivs; readonly once: Ivs }> {
    const { Ivs } = await import('./ivs-sdk.ts');
    const repeating = this.#paced(new Ivs(this.#config(2)));
    const { requestHandler } = repeating.config;
    const once = this.#paced(new Ivs({ ...this.#config(1), requestHandler }));
    return { repeating, once };
  }

  /** Sets every option that the SDK would otherwise read from the environment, files or the instance's metadata. */
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

  /** Applies the rate limit to each attempt, including the SDK's retries, before the attempt is signed. */
  #paced(client: Ivs): Ivs {
    const { region, endpoint, credentials, rateLimits } = this.#options;
    // All StreamingPlatforms that use this access key share its limits.
    const account = `ivs ${endpoint} ${region} ${credentials.accessKeyId.reveal()}`;
    client.middlewareStack.addRelativeTo(
      <Request, Answer>(next: (request: Request) => Promise<Answer>) =>
        async (request: Request): Promise<Answer> => {
          const call = this.#current.getStore();
          if (call === undefined) throw new Error('IVS clients must only be used through IvsApi.call.');
          const { perSecond } = operations[call.operation];
          const bucket = rateLimits.bucket(`${account} ${call.operation}`, { perSecond, burst: BURST });
          await bucket.take(call.signal);
          call.sent = true;
          try {
            return await next(request);
          } catch (error) {
            call.failure = error;
            if (nameOf(error) === 'ThrottlingException') bucket.hold(THROTTLED_PAUSE_MS);
            throw error;
          }
        },
      { name: 'livechannelPacing', relation: 'before', toMiddleware: 'httpSigningMiddleware' },
    );
    return client;
  }
}
