import type { LiveChannel } from '../api/live-channel.ts';
import { annotations } from '../api/names.ts';
import { isDefaultPlatform, type StreamingPlatform } from '../api/streaming-platform.ts';
import { found, missing, type Found, type Problem } from '../channel/state.ts';
import { homePlatform } from '../channel/desired/platform.ts';
import { keyOf } from '../kube/resource.ts';
import type { ObjectLister } from './multi-namespace-lister.ts';
import { PlatformError } from '../platforms/errors.ts';
import type { PlatformContext } from '../platforms/context.ts';
import type { ObservedStream, Platform } from '../platforms/platform.ts';
import { openPlatform } from '../platforms/registry.ts';
import { isConfiguredHost, PlaybackHosts } from './playback-hosts.ts';
import type { SecretReader } from './secret-reader.ts';
import { unlessAborted } from '../base/abort.ts';
import { FIRST_LISTING_TIMEOUT_MS, REFUSAL_HOLD_MS } from './timing.ts';

/** A platform with a driver that holds its credentials, ready to be called. */
export interface OpenPlatform {
  readonly name: string;
  readonly resource: StreamingPlatform;
  readonly driver: Platform;
}

/** The streams of this cluster on a platform, as the platform listed them at the time `at`. */
export interface StreamListing {
  readonly at: Date;
  readonly streams: ReadonlyMap<string, ObservedStream>;
}

/**
 * Finds the platform of a channel and opens it with its credentials. An opened platform is reused until the resource or
 * the Secret changes, so that its connections, token buckets and caches are shared.
 */
export class PlatformDirectory {
  readonly #platforms: ObjectLister<StreamingPlatform>;
  readonly #secrets: SecretReader;
  readonly #context: Omit<PlatformContext, 'platform'>;
  readonly #opened = new Map<string, { readonly version: string; readonly driver: Platform }>();
  readonly #listings = new Map<string, StreamListing>();
  readonly #firstListings = new Map<string, Promise<StreamListing>>();
  readonly #playback = new Map<string, PlaybackHosts>();
  readonly #refusals = new Map<
    string,
    { readonly driver: Platform; readonly problem: Problem; readonly at: number }
  >();

  constructor(
    platforms: ObjectLister<StreamingPlatform>,
    secrets: SecretReader,
    context: Omit<PlatformContext, 'platform'>,
  ) {
    this.#platforms = platforms;
    this.#secrets = secrets;
    this.#context = context;
  }

  /** The channel's home platform: the one in spec.platformRef, else the one with its stream, else the default. */
  home(channel: LiveChannel): Found<StreamingPlatform> {
    const requested = channel.spec.platformRef?.name;
    if (requested !== undefined) return this.named(requested, 'spec.platformRef');
    const used = homePlatform(channel);
    if (used !== undefined) return this.named(used, 'which has the stream');
    const defaults = this.#platforms.list().filter(isDefaultPlatform);
    const [only, ...others] = defaults;
    if (only === undefined)
      return missing(
        'NoDefaultPlatform',
        `spec.platformRef is not set and no StreamingPlatform has the annotation ${annotations.defaultPlatform}: "true". ` +
          `Set one of the two. There are: ${this.#names()}.`,
      );
    if (others.length > 0)
      return missing(
        'MultipleDefaultPlatforms',
        `spec.platformRef is not set and several StreamingPlatforms are marked as the default: ` +
          `${defaults
            .map(({ metadata }) => metadata.name)
            .sort()
            .join(', ')}. Remove the annotation from all but one.`,
      );
    return found(only);
  }

  /** Opens a platform by name; a problem if it does not exist or cannot be opened. */
  async open(name: string, signal: AbortSignal): Promise<Found<OpenPlatform>> {
    const resource = this.named(name, 'which has the stream');
    return resource.ok ? this.openResource(resource.value, signal) : resource;
  }

  /** Opens a platform with the credentials of its Secret; a problem if the Secret or its content cannot be used. */
  async openResource(resource: StreamingPlatform, signal: AbortSignal): Promise<Found<OpenPlatform>> {
    const { name } = resource.metadata;
    const { credentialsRef } = resource.spec;
    const secret = await this.#secrets.read(credentialsRef, signal);
    if (secret === undefined)
      return missing(
        'CredentialsNotFound',
        `Secret ${keyOf(credentialsRef)} (spec.credentialsRef of StreamingPlatform ${name}) does not exist.`,
      );
    const version = `${resource.metadata.uid}/${resource.metadata.generation ?? 0}/${secret.version}`;
    const known = this.#opened.get(name);
    if (known?.version === version) return found({ name, resource, driver: known.driver });
    try {
      const driver = openPlatform(resource.spec, secret.values, { ...this.#context, platform: name });
      this.#opened.set(name, { version, driver });
      return found({ name, resource, driver });
    } catch (error) {
      if (error instanceof PlatformError)
        return missing(error.reason, `StreamingPlatform ${name}: ${error.message}`);
      throw error;
    }
  }

  /** Remembers what a platform listed, so that the platform need not be called for each channel. */
  noteListing(name: string, listing: StreamListing): void {
    this.#listings.set(name, listing);
  }

  /** The last listing of the platform; asks for one before the first. Callers at the same time share it. */
  async firstListing({ name, driver }: OpenPlatform, signal: AbortSignal): Promise<StreamListing> {
    const known = this.#listings.get(name);
    if (known !== undefined) return known;
    const running = this.#firstListings.get(name) ?? this.#list(name, driver);
    this.#firstListings.set(name, running);
    return unlessAborted(
      running,
      signal,
      () =>
        new PlatformError(
          'PlatformUnavailable',
          `StreamingPlatform ${name} has not listed its streams yet.`,
          {
            retryable: true,
          },
        ),
    );
  }

  async #list(name: string, driver: Platform): Promise<StreamListing> {
    try {
      const at = this.#context.clock.now();
      const streams = await driver.listStreams(AbortSignal.timeout(FIRST_LISTING_TIMEOUT_MS));
      const listing = { at, streams: new Map(streams.map((stream) => [stream.id, stream])) };
      this.noteListing(name, listing);
      return listing;
    } finally {
      this.#firstListings.delete(name);
    }
  }

  /** The last listing of the platform; undefined before the first. */
  listing(name: string): StreamListing | undefined {
    return this.#listings.get(name);
  }

  /** Remembers a playback URL that the platform itself returned. */
  notePlayback(name: string, playbackUrl: string): void {
    const hosts = this.#playback.get(name) ?? new PlaybackHosts();
    this.#playback.set(name, hosts);
    hosts.note(playbackUrl);
  }

  /** Whether the platform itself serves playback at the host of this URL, so that it may have a private address. */
  isPlaybackHost({ name, resource }: OpenPlatform, url: URL): boolean {
    return (this.#playback.get(name)?.has(url) ?? false) || isConfiguredHost(resource.spec, url);
  }

  /**
   * Remembers that the platform refused a call because a permission is missing, which the check of the credentials does
   * not show. The refusal counts until the platform or its Secret changes, a call of that kind succeeds, or
   * REFUSAL_HOLD_MS have passed since it was noted last.
   */
  noteRefusal({ name, driver }: OpenPlatform, problem: Problem): void {
    this.#refusals.set(name, { driver, problem, at: this.#context.clock.monotonic() });
  }

  /** Ends a refusal: a call of that kind succeeded. */
  noteSuccess({ name }: OpenPlatform): void {
    this.#refusals.delete(name);
  }

  /** The refusal that counts at present. */
  refusal({ name, driver }: OpenPlatform): Problem | undefined {
    const refusal = this.#refusals.get(name);
    const holds =
      refusal?.driver === driver && this.#context.clock.monotonic() - refusal.at < REFUSAL_HOLD_MS;
    return holds ? refusal.problem : undefined;
  }

  /** Drops the driver, the listing and the refusal of a platform, e.g. after its resource was deleted. */
  forget(name: string): void {
    this.#opened.delete(name);
    this.#listings.delete(name);
    this.#playback.delete(name);
    this.#refusals.delete(name);
  }

  /** The names of all StreamingPlatforms. */
  names(): readonly string[] {
    return this.#platforms.list().map(({ metadata }) => metadata.name);
  }

  /** The resource of this name. `where` says in the problem's message what refers to it. */
  named(name: string, where: string): Found<StreamingPlatform> {
    const resource = this.#platforms.get({ name });
    return resource === undefined
      ? missing(
          'PlatformNotFound',
          `StreamingPlatform ${name} (${where}) does not exist. There are: ${this.#names()}.`,
        )
      : found(resource);
  }

  #names(): string {
    const names = this.names();
    return names.length === 0 ? 'none' : [...names].sort().join(', ');
  }
}
