import type { LiveChannel } from '../api/live-channel.ts';
import { annotations } from '../api/names.ts';
import type { StreamingPlatform } from '../api/streaming-platform.ts';
import { found, missing, type Found, type Problem } from '../channel/state.ts';
import { homePlatform } from '../channel/desired/platform.ts';
import { keyOf } from '../kube/resource.ts';
import type { ObjectLister } from './multi-namespace-lister.ts';
import { PlatformError } from '../platforms/errors.ts';
import type { PlatformContext } from '../platforms/context.ts';
import type { ObservedStream, Platform } from '../platforms/platform.ts';
import { openPlatform } from '../platforms/registry.ts';
import type { SecretReader } from './secret-reader.ts';

const refusalHoldsMs = 300_000;

/** A platform that can be called. */
export interface OpenPlatform {
  readonly name: string;
  readonly resource: StreamingPlatform;
  readonly driver: Platform;
}

/** The streams of this cluster on a platform, as it listed them at a time. */
export interface StreamListing {
  readonly at: Date;
  readonly streams: ReadonlyMap<string, ObservedStream>;
}

/**
 * Finds the platform of a channel and opens it with its credentials. An opened platform is used again until the
 * resource or the Secret changes, so that its connections, token buckets and caches are shared.
 */
export class PlatformDirectory {
  readonly #platforms: ObjectLister<StreamingPlatform>;
  readonly #secrets: SecretReader;
  readonly #context: Omit<PlatformContext, 'platform'>;
  readonly #opened = new Map<string, { readonly version: string; readonly driver: Platform }>();
  readonly #listings = new Map<string, StreamListing>();
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

  /** The platform that the channel is at home on: asked for, or the one that has its stream, or the default. */
  home(channel: LiveChannel): Found<StreamingPlatform> {
    const asked = channel.spec.platformRef?.name;
    if (asked !== undefined) return this.named(asked, 'spec.platformRef');
    const used = homePlatform(channel);
    if (used !== undefined) return this.named(used, 'which has the stream');
    const defaults = this.#platforms
      .list()
      .filter(({ metadata }) => metadata.annotations?.[annotations.defaultPlatform] === 'true');
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
            .join(', ')}. Leave the annotation on one.`,
      );
    return found(only);
  }

  /** Opens the platform of this name. */
  async open(name: string, signal: AbortSignal): Promise<Found<OpenPlatform>> {
    const resource = this.named(name, 'which has the stream');
    return resource.ok ? this.openResource(resource.value, signal) : resource;
  }

  async openResource(resource: StreamingPlatform, signal: AbortSignal): Promise<Found<OpenPlatform>> {
    const { name } = resource.metadata;
    const { credentialsRef } = resource.spec;
    const secret = await this.#secrets.read(credentialsRef, signal);
    if (secret === undefined)
      return missing(
        'CredentialsNotFound',
        `Secret ${keyOf(credentialsRef)} (spec.credentialsRef of StreamingPlatform ${name}) does not exist.`,
      );
    const version = `${resource.metadata.uid}/${String(resource.metadata.generation ?? 0)}/${secret.version}`;
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

  /** Remembers what a platform listed, so that channels need not ask one by one. */
  noteListing(name: string, listing: StreamListing): void {
    this.#listings.set(name, listing);
  }

  listing(name: string): StreamListing | undefined {
    return this.#listings.get(name);
  }

  /**
   * The platform refused a call for want of a right, which trying the credentials does not show. It counts until the
   * platform or its Secret changes, a call of that kind succeeds, or nobody tried for a while.
   */
  noteRefusal({ name, driver }: OpenPlatform, problem: Problem): void {
    this.#refusals.set(name, { driver, problem, at: this.#context.clock.monotonic() });
  }
  noteSuccess({ name }: OpenPlatform): void {
    this.#refusals.delete(name);
  }
  refusal({ name, driver }: OpenPlatform): Problem | undefined {
    const refusal = this.#refusals.get(name);
    const holds = refusal?.driver === driver && this.#context.clock.monotonic() - refusal.at < refusalHoldsMs;
    return holds ? refusal.problem : undefined;
  }

  forget(name: string): void {
    this.#opened.delete(name);
    this.#listings.delete(name);
    this.#refusals.delete(name);
  }

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
    const names = this.#platforms.list().map(({ metadata }) => metadata.name);
    return names.length === 0 ? 'none' : names.sort().join(', ');
  }
}
