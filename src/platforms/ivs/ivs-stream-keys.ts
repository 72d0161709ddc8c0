import { PlatformError } from '../errors.ts';
import type { StreamId } from '../platform.ts';
import {
  listStreamKeysSchema,
  nothingSchema,
  streamKeyAnswerSchema,
  type IvsStreamKey,
} from './ivs-answers.ts';
import type { IvsApi } from './ivs-api.ts';
import { whenRefused } from './ivs-errors.ts';

const gone = 'ResourceNotFoundException';

/** The keys of channels: each has one at the most, and none between the two halves of a rotation. */
export class IvsStreamKeys {
  readonly #api: IvsApi;

  constructor(api: IvsApi) {
    this.#api = api;
  }

  /** The channel's key, made anew where it has none. Undefined when the channel is gone. */
  async ensure(channel: StreamId, signal: AbortSignal): Promise<IvsStreamKey | undefined> {
    return (await this.#find(channel, signal)) ?? (await this.#create(channel, signal));
  }

  /**
   * Another key. Said again after a crash between its calls, it finds no key, or one that nobody was told, and goes on
   * from there. Who publishes with the old key is not cut off by this. Undefined when the channel is gone.
   */
  async replace(channel: StreamId, signal: AbortSignal): Promise<IvsStreamKey | undefined> {
    await this.revoke(channel, signal);
    return this.#create(channel, signal);
  }

  /** From now on nobody can begin to publish. */
  async revoke(channel: StreamId, signal: AbortSignal): Promise<void> {
    for (const arn of await this.#list(channel, signal))
      await this.#api
        .call('DeleteStreamKey', nothingSchema, signal, (ivs, options) =>
          ivs.deleteStreamKey({ arn }, options),
        )
        .catch(whenRefused([gone], undefined));
  }

  async #find(channel: StreamId, signal: AbortSignal): Promise<IvsStreamKey | undefined> {
    for (const arn of await this.#list(channel, signal)) {
      const found = await this.#api
        .call('GetStreamKey', streamKeyAnswerSchema, signal, (ivs, options) =>
          ivs.getStreamKey({ arn }, options),
        )
        .catch(whenRefused([gone], undefined));
      if (found !== undefined) return found.streamKey;
    }
    return undefined;
  }

  async #list(channelArn: StreamId, signal: AbortSignal): Promise<readonly string[]> {
    const { streamKeys } = await this.#api
      .call('ListStreamKeys', listStreamKeysSchema, signal, (ivs, options) =>
        ivs.listStreamKeys({ channelArn, maxResults: 50 }, options),
      )
      .catch(whenRefused([gone], { streamKeys: [] }));
    return streamKeys.map(({ arn }) => arn);
  }

  async #create(channelArn: StreamId, signal: AbortSignal): Promise<IvsStreamKey | undefined> {
    const made = await this.#api
      .call('CreateStreamKey', streamKeyAnswerSchema, signal, (ivs, options) =>
        ivs.createStreamKey({ channelArn }, options),
      )
      .catch(whenRefused([gone], undefined))
      .catch(whenRefused(['ServiceQuotaExceededException'], 'has one' as const));
    if (made !== 'has one') return made?.streamKey;
    throw new PlatformError(
      'PlatformUnavailable',
      `Channel ${channelArn} has a stream key that Amazon IVS does not list yet; it is looked up again.`,
      { retryable: true },
    );
  }
}
