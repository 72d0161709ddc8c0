import { channelIdOf, type ChannelId } from '../../api/channel-id.ts';
import { liveChannelSchema, type LiveChannel } from '../../api/live-channel.ts';
import { annotations } from '../../api/names.ts';
import { liveChannelType } from '../../api/kinds.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../../kube/errors.ts';
import type { KubeObject, ResourceType } from '../../kube/resource.ts';
import { nameOf, type ChannelCache } from '../cache/channel-cache.ts';
import { ApiProblem } from '../problems.ts';
import type { ChannelDraft, ChannelPatch } from './channel-draft.ts';
import { matches } from './etag.ts';

/** The resource type for writing, without schema defaults: the API server adds them. */
const { parse: _, ...writtenType } = liveChannelType;
const written: ResourceType<KubeObject & { readonly spec: object }> = writtenType;

/** The operator writes status and annotations all the time, so a conditional write of the spec is retried. */
const MAX_TRIES = 5;
/** Timeout of each call, well below that of a request. */
const CALL_TIMEOUT_MS = 10_000;

export type Client = Pick<KubeClient, 'create' | 'get' | 'patchMerge' | 'delete'>;

/** Writes channels through the API server, and waits until the cache has seen the write. */
export class ChannelWriter {
  readonly #client: Client;
  readonly #cache: ChannelCache;

  constructor(client: Client, cache: ChannelCache) {
    this.#client = client;
    this.#cache = cache;
  }

  /** Creates the channel. `made: false`: it existed already. @throws ApiProblem name-conflict, channel-ending */
  async create(
    id: ChannelId,
    draft: ChannelDraft,
    signal: AbortSignal,
  ): Promise<{ readonly made: boolean; readonly channel: LiveChannel }> {
    for (let tries = 1; ; tries++) {
      const made = await this.#created(draft, signal);
      const channel = made ?? (await this.#read(draft.metadata.name, signal));
      if (channel !== undefined) {
        if (made === undefined) refuseOther(channel, id);
        await this.#cache.seen(channel, signal);
        return { made: made !== undefined, channel };
      }
      // It was deleted between the two calls.
      if (tries >= MAX_TRIES)
        throw new ApiProblem('channel-ending', `Channel ${id} is created and deleted concurrently.`);
    }
  }

  /**
   * Merges the patch into the channel; with `ifMatch`, only if the ETag still matches.
   * @throws ApiProblem channel-not-found, precondition-failed
   */
  async change(
    id: ChannelId,
    patch: ChannelPatch,
    ifMatch: string | undefined,
    signal: AbortSignal,
  ): Promise<LiveChannel> {
    const changed = await this.#onlyIf(id, ifMatch, signal, async (name, resourceVersion) => {
      const conditional =
        resourceVersion === undefined
          ? patch
          : { ...patch, metadata: { ...patch.metadata, resourceVersion } };
      return this.#client.patchMerge(liveChannelType, this.#ref(name), conditional, {
        signal,
        timeoutMs: CALL_TIMEOUT_MS,
      });
    });
    await this.#cache.seen(changed, signal);
    return changed;
  }

  /** Deletes the channel. @throws ApiProblem channel-not-found, precondition-failed */
  async end(id: ChannelId, ifMatch: string | undefined, signal: AbortSignal): Promise<void> {
    await this.#onlyIf(id, ifMatch, signal, async (name, resourceVersion, uid) => {
      await this.#client.delete(liveChannelType, this.#ref(name), {
        uid,
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        signal,
        timeoutMs: CALL_TIMEOUT_MS,
      });
    });
  }

  /** Resumes an idle relay. */
  async resume(name: string, now: Date, signal: AbortSignal): Promise<void> {
    const patch = { metadata: { annotations: { [annotations.resume]: now.toISOString() } } };
    await this.#client.patchMerge(liveChannelType, this.#ref(name), patch, {
      signal,
      timeoutMs: CALL_TIMEOUT_MS,
    });
  }

  /** Finds the channel in the cache, or, as it may be new, in the API server. @throws ApiProblem channel-not-found */
  async find(id: ChannelId, signal: AbortSignal): Promise<LiveChannel> {
    return this.#cache.channel(id) ?? (await this.#fresh(id, signal));
  }

  /**
   * Writes, with a resourceVersion as precondition if there is an If-Match. The cache may lag behind the caller's last
   * write, so a mismatch is confirmed by the API server before the write is rejected.
   */
  async #onlyIf<T>(
    id: ChannelId,
    ifMatch: string | undefined,
    signal: AbortSignal,
    write: (name: string, resourceVersion: string | undefined, uid: string) => Promise<T>,
  ): Promise<T> {
    let channel = await this.find(id, signal);
    if (!matches(ifMatch, channel)) channel = await this.#fresh(id, signal);
    for (let tries = 1; ; tries++) {
      if (!matches(ifMatch, channel))
        throw new ApiProblem(
          'precondition-failed',
          `Channel ${id} has changed since the ETag in If-Match. Read it again.`,
        );
      const { name, uid, resourceVersion } = channel.metadata;
      try {
        return await write(name, ifMatch === undefined ? undefined : resourceVersion, uid);
      } catch (error) {
        if (isNotFound(error)) throw notFound(id);
        if (!isConflict(error) || tries >= MAX_TRIES) throw error;
      }
      channel = await this.#fresh(id, signal);
    }
  }

  async #fresh(id: ChannelId, signal: AbortSignal): Promise<LiveChannel> {
    const name = nameOf(id);
    const channel = name === undefined ? undefined : await this.#read(name, signal);
    if (channel === undefined || channelIdOf(channel.metadata) !== id) throw notFound(id);
    return channel;
  }

  #read(name: string, signal: AbortSignal): Promise<LiveChannel | undefined> {
    return this.#client.get(liveChannelType, this.#ref(name), { signal, timeoutMs: CALL_TIMEOUT_MS });
  }

  async #created(draft: ChannelDraft, signal: AbortSignal): Promise<LiveChannel | undefined> {
    try {
      return liveChannelSchema.parse(
        await this.#client.create(written, draft, { signal, timeoutMs: CALL_TIMEOUT_MS }),
      );
    } catch (error) {
      if (isAlreadyExists(error)) return undefined;
      throw error;
    }
  }

  #ref(name: string): { namespace: string; name: string } {
    return { namespace: this.#cache.namespace, name };
  }
}

export function notFound(id: ChannelId): ApiProblem {
  return new ApiProblem('channel-not-found', `Channel ${id} does not exist.`);
}

function refuseOther({ metadata }: LiveChannel, id: ChannelId): void {
  const other = channelIdOf(metadata);
  if (other !== id)
    throw new ApiProblem(
      'name-conflict',
      `LiveChannel ${metadata.name}, whose name stands for channel ${id}, is annotated as channel ${other}.`,
    );
  if (metadata.deletionTimestamp !== undefined)
    throw new ApiProblem('channel-ending', `Channel ${id} is being deleted, and so is its stream.`, {
      retryAfterSeconds: 5,
    });
}
