import { BoundedMap } from '../base/bounded-map.ts';
import type { PlatformDriver } from './driver.ts';
import { PlatformError } from './errors.ts';
import { isSameOwner } from './owner-tags.ts';
import type {
  ObservedStream,
  OwnedStream,
  Platform,
  PlatformCapabilities,
  PlatformUsage,
  PlaybackGrant,
  PlaybackSigning,
  ProvisionedStream,
  StreamAnalytics,
  StreamId,
  StreamOwner,
  StreamRequest,
} from './platform.ts';
import { streamName } from './stream-name.ts';

/** Bounds memory. Whatever was evicted is asked for again. */
const MAX_KNOWN = 10_000;
/**
 * The regular listing confirms the owners of all streams more often than this, so that calls on them need no call to ask
 * for the owner. Somebody who removes a tag at the platform is heeded after this time at the latest.
 */
const OWNER_MAX_AGE_MS = 300_000;

/**
 * A driver that acts only on the streams of the owner that each call names. This is the one place that decides it for all
 * providers: by the form of the ID, then by the owner tags that the platform returned, recently or just now. To everybody
 * else a stream does not exist.
 *
 * It protects the streams of one tenant from another one, whatever an object says that a tenant may edit: an ID proves
 * nothing.
 */
export class OwnedPlatform implements Platform {
  readonly #driver: PlatformDriver;
  readonly #clock: { now(): Date };
  /** Owners as the platform returned them. */
  readonly #owners = new BoundedMap<StreamId, { readonly owner: StreamOwner; readonly at: number }>(
    MAX_KNOWN,
  );
  /** Playback URLs as the platform returned them. A stream's URL never changes. */
  readonly #playbackUrls = new BoundedMap<StreamId, string>(MAX_KNOWN);

  constructor(driver: PlatformDriver, clock: { now(): Date }) {
    this.#driver = driver;
    this.#clock = clock;
  }

  get capabilities(): PlatformCapabilities {
    return this.#driver.capabilities;
  }

  get usage(): PlatformUsage | undefined {
    return this.#driver.usage;
  }

  verify(signal: AbortSignal): Promise<void> {
    return this.#driver.verify(signal);
  }

  async createStream(request: StreamRequest, signal: AbortSignal): Promise<ProvisionedStream> {
    const created = await this.#driver.createStream(request, signal);
    if (!this.#hasForm(created.id)) throw notAnId();
    this.#saw(created.id, request.owner);
    return this.#opened(created);
  }

  async findStreams(
    name: string,
    owner: StreamOwner,
    signal: AbortSignal,
  ): Promise<readonly ObservedStream[]> {
    const found = await this.#driver.findStreams(name, signal);
    return found.filter((stream) => this.#seen(stream) && isSameOwner(stream.owner, owner));
  }

  async openStream(stream: OwnedStream, signal: AbortSignal): Promise<ProvisionedStream | undefined> {
    if (!(await this.#owns(stream, signal))) return undefined;
    const opened = await this.#driver.openStream(stream.id, signal);
    if (opened === undefined) this.#forget(stream.id);
    return opened && this.#opened(opened);
  }

  async observeStream({ id, owner }: OwnedStream, signal: AbortSignal): Promise<ObservedStream | undefined> {
    if (!this.#hasForm(id) || !this.#mayBeNamed(id, owner)) return undefined;
    // The answer carries the tags, so the owner is not asked for separately.
    const observed = await this.#driver.observeStream(id, signal);
    if (observed === undefined) this.#forget(id);
    if (observed === undefined || !this.#seen(observed)) return undefined;
    return this.#driver.ownership.by === 'name' || isSameOwner(observed.owner, owner) ? observed : undefined;
  }

  async rotateKey(stream: OwnedStream, signal: AbortSignal): Promise<ProvisionedStream | undefined> {
    if (!(await this.#owns(stream, signal))) return undefined;
    const rotated = await this.#driver.rotateKey(stream.id, signal);
    if (rotated === undefined) this.#forget(stream.id);
    return rotated && this.#opened(rotated);
  }

  async deleteStream(stream: OwnedStream, signal: AbortSignal): Promise<boolean> {
    if (!(await this.#owns(stream, signal))) return true;
    const gone = await this.#driver.deleteStream(stream.id, signal);
    if (gone) this.#forget(stream.id);
    return gone;
  }

  async disownStream(stream: OwnedStream, signal: AbortSignal): Promise<void> {
    if (!(await this.#owns(stream, signal))) return;
    // Forgotten even if the answer is lost: the tag may be gone.
    this.#forget(stream.id);
    await this.#driver.disownStream(stream.id, signal);
  }

  async listStreams(signal: AbortSignal): Promise<readonly ObservedStream[]> {
    return (await this.#driver.listStreams(signal)).filter((stream) => this.#seen(stream));
  }

  analytics(signal: AbortSignal): Promise<ReadonlyMap<StreamId, StreamAnalytics>> {
    return this.#driver.analytics(signal);
  }

  async signPlayback(stream: OwnedStream, grant: PlaybackGrant, signal: AbortSignal): Promise<string> {
    const { id } = stream;
    const owned = await this.#owns(stream, signal);
    const playbackUrl = owned
      ? (this.#playbackUrls.get(id) ?? (await this.openStream(stream, signal))?.playbackUrl)
      : undefined;
    if (playbackUrl === undefined) throw noSuchStream();
    return this.#driver.signPlayback({ id, playbackUrl }, grant);
  }

  /** Whether the stream belongs to the owner, by the platform's own answer. */
  async #owns({ id, owner }: OwnedStream, signal: AbortSignal): Promise<boolean> {
    if (!this.#hasForm(id) || !this.#mayBeNamed(id, owner)) return false;
    if (this.#driver.ownership.by === 'name') return true;
    const known = this.#owners.get(id);
    if (known !== undefined && this.#clock.now().getTime() - known.at < OWNER_MAX_AGE_MS)
      return isSameOwner(known.owner, owner);
    const actual = await this.#driver.ownerOf(id, signal);
    this.#saw(id, actual);
    return isSameOwner(actual, owner);
  }

  #hasForm(id: StreamId): boolean {
    return this.#driver.idForm.test(id);
  }

  /** Where the platform keeps no tags, the ID must be the name that the owner's stream has. */
  #mayBeNamed(id: StreamId, owner: StreamOwner): boolean {
    const { ownership } = this.#driver;
    return ownership.by === 'tags' || id === streamName(owner, ownership.options);
  }

  /** Notes the owner of a stream in an answer. False for an ID that is not of the provider's form. */
  #seen({ id, owner }: ObservedStream): boolean {
    if (!this.#hasForm(id)) return false;
    this.#saw(id, owner);
    return true;
  }

  #saw(id: StreamId, owner: StreamOwner | undefined): void {
    if (owner === undefined) this.#owners.delete(id);
    else this.#owners.set(id, { owner, at: this.#clock.now().getTime() });
  }

  #opened(stream: ProvisionedStream): ProvisionedStream {
    this.#playbackUrls.set(stream.id, stream.playbackUrl);
    return stream;
  }

  #forget(id: StreamId): void {
    this.#owners.delete(id);
    this.#playbackUrls.delete(id);
  }
}

/**
 * A signer for a process without the credentials that could ask the platform for the owner of a stream: it only refuses what
 * is no ID of the provider.
 */
export function signerOfForm(signer: PlaybackSigning, idForm: RegExp): PlaybackSigning {
  return {
    signPlayback: (stream, grant) =>
      idForm.test(stream.id) ? signer.signPlayback(stream, grant) : Promise.reject(noSuchStream()),
  };
}

/** The same for a stream that is missing and for one of another owner. The ID is not repeated: anybody may have written it. */
function noSuchStream(): PlatformError {
  return new PlatformError(
    'InvalidConfiguration',
    'Playback cannot be signed: the platform has no such stream of this channel.',
    { retryable: false },
  );
}

/** Without this, a provider that changes the form of its IDs would be asked for one stream after another. */
function notAnId(): PlatformError {
  return new PlatformError(
    'PlatformUnavailable',
    'The platform created a stream and returned an ID of a form that it does not document. Update the operator.',
    { retryable: true, outcome: 'unknown' },
  );
}
