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

const GONE = 'ResourceNotFoundException';

/** The stream keys of channels. A channel has at most one key, and none between the two steps of a rotation. */
export class IvsStreamKeys {
  readonly #api: IvsApi;

  constructor(api: IvsApi) {
    this.#api = api;
  }

  /** Returns the channel's key, and creates one if it has none. Undefined if the channel does not exist. */
  async ensure(channel: StreamId, signal: AbortSignal): Promise<IvsStreamKey | undefined> {
    return (await this.#find(channel, signal)) ?? (await this.#create(channel, signal));
  }

  /**
   * Replaces the channel's key. Safe to repeat after a crash between its calls: the channel then has no key, or a new one
   * that was not used yet. Does not disconnect a publisher with the old key. Undefined if the channel does not exist.
   */
  async replace(channel: StreamId, signal: AbortSignal): Promise<IvsStreamKey | undefined> {
    await this.revoke(channel, signal);
    return this.#create(channel, signal);
  }

  /** Deletes the channel's key, so that no publisher can connect. A connected publisher is not disconnected. */
  async revoke(channel: StreamId, signal: AbortSignal): Promise<void> {
    for (const arn of await this.#list(channel, signal))
      await this.#api
        .call('DeleteStreamKey', nothingSchema, signal, (ivs, options) =>
          ivs.deleteStreamKey({ arn }, options),
        )
        .catch(whenRefused([GONE], undefined));
  }

  async #find(channel: StreamId, signal: AbortSignal): Promise<IvsStreamKey | undefined> {
    for (const arn of await this.#list(channel, signal)) {
      const found = await this.#api
        .call('GetStreamKey', streamKeyAnswerSchema, signal, (ivs, options) =>
          ivs.getStreamKey({ arn }, options),
        )
        .catch(whenRefused([GONE], undefined));
      if (found !== undefined) return found.streamKey;
    }
    return undefined;
  }

  async #list(channelArn: StreamId, signal: AbortSignal): Promise<readonly string[]> {
    const { streamKeys } = await this.#api
      .call('ListStreamKeys', listStreamKeysSchema, signal, (ivs, options) =>
        ivs.listStreamKeys({ channelArn, maxResults: 50 }, options),
      )
      .catch(whenRefused([GONE], { streamKeys: [] }));
    return streamKeys.map(({ arn }) => arn);
  }

  async #create(channelArn: StreamId, signal: AbortSignal): Promise<IvsStreamKey | undefined> {
    const made = await this.#api
      .call('CreateStreamKey', streamKeyAnswerSchema, signal, (ivs, options) =>
        ivs.createStreamKey({ channelArn }, options),
      )
      .catch(whenRefused([GONE], undefined))
      .catch(whenRefused(['ServiceQuotaExceededException'], 'has one' as const));
    if (made !== 'has one') return made?.streamKey;
    throw new PlatformError(
      'PlatformUnavailable',
      `Channel ${channelArn} has a stream key that Amazon IVS does not list yet. The operator retries.`,
      { retryable: true },
    );
  }
}
