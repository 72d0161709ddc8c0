import type {
  ObservedStream,
  Platform,
  PlaybackOptions,
  PlaybackSigning,
  ProvisionedStream,
  StreamId,
  StreamOwner,
} from './platform.ts';

/**
 * What a provider's folder implements. The calls are those of `Platform` and mean the same, except that a driver acts on
 * whatever ID it is given: only owned-platform.ts calls it, which checks form and owner first.
 */
export interface PlatformDriver
  extends
    PlaybackSigning,
    Pick<Platform, 'capabilities' | 'usage' | 'verify' | 'createStream' | 'listStreams' | 'analytics'> {
  /** The form of the provider's stream IDs. Nothing else is put into a path or a call. */
  readonly idForm: RegExp;
  readonly ownership: Ownership;

  /** The streams with this name and this cluster's tag, oldest first. */
  findStreams(name: string, signal: AbortSignal): Promise<readonly ObservedStream[]>;

  /**
   * The owner in the stream's tags, as the platform returns them, with one cheap call that reads. Undefined if the stream
   * does not exist or has no owner.
   */
  ownerOf(id: StreamId, signal: AbortSignal): Promise<StreamOwner | undefined>;

  openStream(id: StreamId, signal: AbortSignal): Promise<ProvisionedStream | undefined>;
  observeStream(id: StreamId, signal: AbortSignal): Promise<ObservedStream | undefined>;
  rotateKey(id: StreamId, signal: AbortSignal): Promise<ProvisionedStream | undefined>;
  deleteStream(id: StreamId, signal: AbortSignal): Promise<boolean>;
  disownStream(id: StreamId, signal: AbortSignal): Promise<void>;
}

/**
 * How the owner of a stream is known. `tags`: the platform keeps the owner tags and returns them. `name`: the platform keeps
 * nothing, and a stream's ID is its name; the owner's only stream is the one that stream-name.ts derives from the owner and
 * these options, the only ones that the platform supports.
 */
export type Ownership = { readonly by: 'tags' } | { readonly by: 'name'; readonly options: PlaybackOptions };
