import type { LiveChannel } from '../api/live-channel.ts';
import { annotations } from '../api/names.ts';
import type { StreamingPlatform } from '../api/streaming-platform.ts';
import { found, missing, type Found } from '../channel/observed.ts';
import { streamRecord } from '../channel/ownership.ts';
import { keyOf } from '../kube/resource.ts';
import type { Objects } from './combined.ts';
import { PlatformError } from '../platforms/errors.ts';
import type { ObservedStream, Platform } from '../platforms/platform.ts';
import { openPlatform } from '../platforms/registry.ts';
import type { SecretReader } from './secret-reader.ts';

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
  readonly #platforms: Objects<StreamingPlatform>;
  readonly #secrets: SecretReader;
  readonly #clusterId: string;
  readonly #opened = new Map<string, { readonly version: string; readonly driver: Platform }>();
  readonly #listings = new Map<string, StreamListing>();

  constructor(platforms: Objects<StreamingPlatform>, secrets: SecretReader, clusterId: string) {
    this.#platforms = platforms;
    this.#secrets = secrets;
    this.#clusterId = clusterId;
  }

  /**
   * The platform that the channel asks for. One without a platformRef stays on the platform that it has a stream on,
   * also while that one is missing: another default is for new channels.
   */
  choose(channel: LiveChannel): Found<StreamingPlatform> {
    const asked = channel.spec.platformRef?.name;
    if (asked !== undefined) return this.#named(asked, 'spec.platformRef');
    const used = streamRecord(channel)?.platform;
    if (used !== undefined) return this.#named(used, 'which has the stream');
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
        'SeveralDefaultPlatforms',
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
    const resource = this.#named(name, 'which has the stream');
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
      const driver = openPlatform(resource.spec, secret.values, this.#clusterId);
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

  forget(name: string): void {
    this.#opened.delete(name);
    this.#listings.delete(name);
  }

  #named(name: string, where: string): Found<StreamingPlatform> {
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
