import type { Access } from './access.ts';
import { loadCredentials } from './credentials.ts';
import { systemClock, type Clock } from '../base/clock.ts';
import { ApiError } from './errors.ts';
import { decodeObject } from './decode.ts';
import {
  describe,
  pathOf,
  type Applied,
  type Draft,
  type DraftMeta,
  type KubeObject,
  type ObjectRef,
  type ResourceType,
  type StatusOf,
} from './resource.ts';
import { listPages, type ListOptions, type ListPage } from './list.ts';
import { Transport, type ApiRequest, type RequestObserver } from './transport.ts';
import { asRecord } from './status-answer.ts';
import { readEvents, type WatchEvent, type WatchOptions } from './watch-stream.ts';

/** Options of every call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** For all attempts together. Default 30 s. */
  readonly timeoutMs?: number | undefined;
}

export interface WriteOptions extends CallOptions {
  /** Default: the client's field manager. */
  readonly fieldManager?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

export interface ApplyOptions extends WriteOptions {
  /** Whether to take fields from other managers. Default true: a controller owns the fields that it applies. */
  readonly force?: boolean | undefined;
}

export interface DeleteOptions extends CallOptions {
  /** Delete the object only if it has this UID, not another object of the same name. Set it whenever it is known. */
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined;
}

/** A JSON patch (RFC 6902). */
export type JsonPatch = readonly (
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
)[];

interface Subresource {
  readonly subresource?: 'status' | undefined;
}

/**
 * Typed calls to the API server over one small, bounded set of connections. Every call has a time limit, accepts
 * an AbortSignal, and fails with an ApiError, a ConnectionError or a TimeoutError that names the object.
 */
export class KubeClient {
  /** The namespace of the kubeconfig's context, or of the pod. */
  readonly namespace: string;
  readonly fieldManager: string;
  readonly #transport: Transport;

  constructor(transport: Transport, options: { namespace: string; fieldManager: string }) {
    this.#transport = transport;
    this.namespace = options.namespace;
    this.fieldManager = options.fieldManager;
  }

  /** Returns undefined if the object does not exist. */
  async get<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    options: CallOptions = {},
  ): Promise<T | undefined> {
    try {
      const answer = await this.#send(type, ref, 'get', { method: 'GET', path: pathOf(type, ref) }, options);
      return decodeObject(type, answer);
    } catch (error) {
      if (error instanceof ApiError && error.isNotFound) return undefined;
      throw error;
    }
  }

  /** Lists all objects, fetched page by page; without a namespace, those of all namespaces. */
  async list<T extends KubeObject>(
    type: ResourceType<T>,
    options: ListOptions = {},
  ): Promise<{ readonly items: readonly T[]; readonly resourceVersion: string }> {
    const items: T[] = [];
    let resourceVersion = '';
    for await (const page of this.pages(type, options)) {
      if (page.restart) items.length = 0;
      for (const raw of page.items) items.push(decodeObject(type, raw));
      resourceVersion = page.resourceVersion;
    }
    return { items, resourceVersion };
  }

  /**
   * Posts a review, e.g. a TokenReview or a SubjectAccessReview: nothing is stored, and the answer is the returned
   * status, undecoded.
   */
  async review(
    type: Omit<ResourceType<KubeObject>, 'parse'>,
    spec: object,
    options: CallOptions = {},
  ): Promise<unknown> {
    const { apiVersion, kind } = type;
    const body = { apiVersion, kind, spec };
    const answer = await this.#send(
      type,
      {},
      'create',
      { method: 'POST', path: pathOf(type, {}), body },
      options,
    );
    return asRecord(answer)['status'];
  }

  /** The pages of a list, undecoded. */
  pages<T extends KubeObject>(type: ResourceType<T>, options: ListOptions = {}): AsyncIterable<ListPage> {
    return listPages(options, (query) =>
      this.#send(type, options, 'list', { method: 'GET', path: pathOf(type, options), query }, options),
    );
  }

  /** @throws ApiError with `isAlreadyExists` if the object exists */
  async create<T extends KubeObject>(
    type: ResourceType<T>,
    object: Draft<T>,
    options: WriteOptions = {},
  ): Promise<T> {
    const path = pathOf(type, { namespace: object.metadata.namespace });
    return this.#write(type, object.metadata, 'create', { method: 'POST', path, body: object }, options);
  }

  /** Replaces the whole object. With metadata.resourceVersion, it fails with a conflict if the object has changed. */
  async replace<T extends KubeObject>(
    type: ResourceType<T>,
    object: Draft<T>,
    options: WriteOptions = {},
  ): Promise<T> {
    const path = pathOf(type, object.metadata);
    return this.#write(type, object.metadata, 'replace', { method: 'PUT', path, body: object }, options);
  }

  /**
   * Server-side apply: creates the object if it does not exist, and removes the fields that this manager applied before
   * and that are now absent. Set metadata.uid to ensure that a deleted object is not created again.
   */
  async apply<T extends KubeObject>(
    type: ResourceType<T>,
    object: Applied<T>,
    options: ApplyOptions = {},
  ): Promise<T> {
    return this.#apply(type, object, undefined, options);
  }

  /** Server-side apply on the status subresource. What this manager applied before and is now absent is removed. */
  async applyStatus<T extends KubeObject>(
    type: ResourceType<T>,
    object: { readonly metadata: DraftMeta; readonly status: StatusOf<T> },
    options: ApplyOptions = {},
  ): Promise<T> {
    return this.#apply(type, { metadata: object.metadata, status: object.status }, 'status', options);
  }

  /** Merge patch (RFC 7386). With a metadata.resourceVersion, it fails with a conflict if the object has changed. */
  async patchMerge<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    patch: object,
    options: WriteOptions & Subresource = {},
  ): Promise<T> {
    return this.#patch(type, ref, patch, 'application/merge-patch+json', options);
  }

  /** JSON patch (RFC 6902). If a `test` fails, the patch is rejected with an invalid (422) ApiError. */
  async patchJson<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    patch: JsonPatch,
    options: WriteOptions & Subresource = {},
  ): Promise<T> {
    return this.#patch(type, ref, patch, 'application/json-patch+json', options);
  }

  /** Returns false if there was nothing to delete: the object is gone or, with `uid`, another object has its name. */
  async delete<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    options: DeleteOptions = {},
  ): Promise<boolean> {
    const { uid, resourceVersion, gracePeriodSeconds, propagationPolicy = 'Background' } = options;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy,
      gracePeriodSeconds,
      preconditions: { uid, resourceVersion },
    };
    try {
      await this.#send(type, ref, 'delete', { method: 'DELETE', path: pathOf(type, ref), body }, options);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.isNotFound || (error.isConflict && uid !== undefined && resourceVersion === undefined))
        return false;
      throw error;
    }
  }

  /**
   * The events since `resourceVersion`, undecoded. Ends when the server ends the watch.
   * @throws ApiError on an ERROR event
   */
  async *watch<T extends KubeObject>(
    type: ResourceType<T>,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent> {
    const what = `watch ${describe(type, options)}`;
    const body = await this.#transport.stream({
      method: 'GET',
      path: pathOf(type, { namespace: options.namespace }),
      what,
      resource: type.plural,
      query: {
        watch: true,
        allowWatchBookmarks: true,
        resourceVersion: options.resourceVersion,
        timeoutSeconds: options.timeoutSeconds,
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
      },
      signal: options.signal,
      timeoutMs: 10_000,
      inactivityMs: options.inactivityMs ?? 180_000,
    });
    yield* readEvents(what, body, options.signal);
  }

  /** Closes all connections. Calls and watches that are running fail. */
  async close(): Promise<void> {
    await this.#transport.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #patch<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    patch: object,
    contentType: string,
    options: WriteOptions & Subresource,
  ): Promise<T> {
    const request = {
      method: 'PATCH',
      path: pathOf(type, ref, options.subresource),
      body: patch,
      contentType,
    } as const;
    const answer = await this.#send(
      type,
      ref,
      'patch',
      request,
      options,
      writeQuery(options, this.fieldManager),
    );
    return decodeObject(type, answer);
  }

  async #apply<T extends KubeObject>(
    type: ResourceType<T>,
    object: { readonly metadata: DraftMeta; readonly status?: unknown },
    subresource: 'status' | undefined,
    options: ApplyOptions,
  ): Promise<T> {
    const path = pathOf(type, object.metadata, subresource);
    const contentType = 'application/apply-patch+yaml'; // JSON is YAML
    const query = { force: options.force ?? true };
    return this.#write(
      type,
      object.metadata,
      'apply',
      { method: 'PATCH', path, body: object, contentType, query },
      options,
    );
  }

  async #write<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    verb: string,
    request: Pick<ApiRequest, 'method' | 'path' | 'contentType' | 'query'> & { readonly body: object },
    options: WriteOptions,
  ): Promise<T> {
    const body = { ...request.body, apiVersion: type.apiVersion, kind: type.kind };
    const query = writeQuery(options, this.fieldManager);
    return decodeObject(type, await this.#send(type, ref, verb, { ...request, body }, options, query));
  }

  #send(
    type: ResourceType<KubeObject>,
    ref: Partial<ObjectRef>,
    verb: string,
    request: Pick<ApiRequest, 'method' | 'path' | 'body' | 'contentType' | 'query'>,
    { signal, timeoutMs = 30_000 }: CallOptions,
    query: ApiRequest['query'] = {},
  ): Promise<unknown> {
    return this.#transport.call({
      ...request,
      query: { ...query, ...request.query },
      what: `${verb} ${describe(type, ref)}`,
      resource: type.plural,
      signal,
      timeoutMs,
    });
  }
}

function writeQuery(options: WriteOptions, fieldManager: string): ApiRequest['query'] {
  return {
    fieldManager: options.fieldManager ?? fieldManager,
    fieldValidation: 'Strict',
    dryRun: options.dryRun === true ? 'All' : undefined,
  };
}

export interface ConnectOptions {
  /** Default: $KUBECONFIG, then the pod's service account, then ~/.kube/config. */
  readonly kubeconfigPath?: string | undefined;
  readonly context?: string | undefined;
  /** Owner of the fields that this program writes; also its user agent. */
  readonly fieldManager: string;
  /** Maximum number of connections for calls. Each watch has a separate connection. Default 16. */
  readonly connections?: number | undefined;
  readonly observer?: RequestObserver | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: (() => number) | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Used instead of a kubeconfig or a service account. */
  readonly credentials?: Access | undefined;
}

/**
 * Finds the cluster and the credentials, and creates a client. No request is sent to the API server yet.
 * @throws ConfigurationError if there is no usable kubeconfig or service account
 * @example
 * await using client = await connect({ fieldManager: 'widget-operator' });
 * const pod = await client.get(podType, { namespace: 'default', name: 'web-0' });
 */
export async function connect(options: ConnectOptions): Promise<KubeClient> {
  const { kubeconfigPath, context, environment = process.env } = options;
  const credentials =
    options.credentials ?? (await loadCredentials({ kubeconfigPath, context, environment }));
  const transport = new Transport({
    credentials,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    userAgent: options.fieldManager,
    connections: options.connections ?? 16,
    observer: options.observer,
  });
  return new KubeClient(transport, { namespace: credentials.namespace, fieldManager: options.fieldManager });
}
