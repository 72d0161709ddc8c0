import { SecretText } from '../../../../src/base/secret-text.ts';
import type { PlatformDriver } from '../../../../src/platforms/driver.ts';
import { PlatformError } from '../../../../src/platforms/errors.ts';
import {
  streamId,
  type ObservedStream,
  type PlatformCapabilities,
  type ProvisionedStream,
  type StreamAnalytics,
  type StreamId,
  type StreamOwner,
  type StreamRequest,
} from '../../../../src/platforms/platform.ts';
import {
  CloudFailure,
  type SimulatedCloud,
  type CloudStream,
} from '../../../support/platforms/simulated-cloud.ts';
import { aStream } from '../../../support/platforms/platform-examples.ts';

const capabilities: PlatformCapabilities = {
  latencies: ['standard', 'low'],
  recording: false,
  signedPlayback: false,
  takeover: undefined,
  keyframeSeconds: { min: 1, max: 10 },
  maxHeight: 1080,
  maxVideoBitrateKbps: 8_000,
  sizeChange: 'in-session',
  constantBitrate: false,
  idempotentCreate: true,
  settleSeconds: 0,
  maxStreams: undefined,
};

/** The driver of a Cloud. `owners` is part of the cloud: the owner of each stream by id; none once disowned. */
export class CloudDriver implements PlatformDriver {
  readonly idForm = /^[a-z0-9-]+$/;
  readonly ownership = { by: 'tags' } as const;
  readonly capabilities: PlatformCapabilities;
  readonly #cloud: SimulatedCloud;
  readonly #owners: Map<string, StreamOwner>;
  readonly #newName: (kind: string) => string;
  /** Called after every change, before it is answered. */
  readonly #onChange: () => void;
  /** The number of calls during which a deletion is still in progress. */
  slowDeletes = 0;

  constructor(
    cloud: SimulatedCloud,
    owners: Map<string, StreamOwner>,
    newName: (kind: string) => string,
    onChange: () => void,
  ) {
    this.#cloud = cloud;
    this.#owners = owners;
    this.#newName = newName;
    this.#onChange = onChange;
    this.capabilities = {
      ...capabilities,
      idempotentCreate: cloud.kind.idempotent,
      settleSeconds: cloud.kind.settleSeconds,
    };
  }

  async verify(): Promise<void> {
    await this.listStreams();
  }
  createStream({ name, attempt, owner }: StreamRequest): Promise<ProvisionedStream> {
    return this.#call(() => {
      const id = this.#newName('stream');
      this.#owners.set(id, owner); // Its tags are part of the call.
      const stream = this.#cloud.create(name, attempt, id);
      this.#onChange();
      return this.#provisioned(stream);
    });
  }
  findStreams(name: string): Promise<readonly ObservedStream[]> {
    return this.#call(() => this.#cloud.find(name).map((stream) => this.#observed(stream)));
  }
  ownerOf(id: string): Promise<StreamOwner | undefined> {
    return this.#call(() => (this.#cloud.open(id) === undefined ? undefined : this.#owners.get(id)));
  }
  openStream(id: string): Promise<ProvisionedStream | undefined> {
    return this.#call(() => this.#provisionedIf(this.#cloud.open(id)));
  }
  observeStream(id: string): Promise<ObservedStream | undefined> {
    return this.#call(() => {
      const stream = this.#cloud.open(id);
      return stream && this.#observed(stream);
    });
  }
  rotateKey(id: string): Promise<ProvisionedStream | undefined> {
    return this.#call(() => {
      const stream = this.#cloud.rotate(id, this.#newName('key'));
      this.#onChange();
      return this.#provisionedIf(stream);
    });
  }
  deleteStream(id: string): Promise<boolean> {
    return this.#call(() => {
      if (this.slowDeletes > 0) {
        this.slowDeletes -= 1;
        return false;
      }
      this.#cloud.delete(id);
      this.#onChange();
      return true;
    });
  }
  async disownStream(id: string): Promise<void> {
    await this.#call(() => this.#owners.delete(id));
  }
  listStreams(): Promise<readonly ObservedStream[]> {
    return this.#call(() =>
      this.#cloud
        .streams()
        .map((stream) => this.#observed(stream))
        .filter(({ owner }) => owner !== undefined),
    );
  }
  analytics(): Promise<ReadonlyMap<StreamId, StreamAnalytics>> {
    return Promise.resolve(new Map<StreamId, StreamAnalytics>());
  }
  signPlayback({ playbackUrl }: { playbackUrl: string }): Promise<string> {
    return Promise.resolve(playbackUrl);
  }

  #provisionedIf(stream: CloudStream | undefined): ProvisionedStream | undefined {
    return stream && this.#provisioned(stream);
  }
  #provisioned({ id, key }: CloudStream): ProvisionedStream {
    return {
      id: streamId(id),
      ingestUrl: `rtmps://${this.#cloud.name}.example/live/`,
      streamKey: new SecretText(key),
      streamKeyId: `id of ${key}`,
      playbackUrl: `https://${this.#cloud.name}.example/${id}/index.m3u8`,
    };
  }
  #observed({ id, name }: CloudStream): ObservedStream {
    return aStream(id, { name, owner: this.#owners.get(id) });
  }

  async #call<T>(run: () => T): Promise<T> {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof CloudFailure)) throw error;
      const reason = error.why === 'full' ? 'QuotaExceeded' : 'PlatformUnavailable';
      const outcome = error.why === 'lost' ? 'unknown' : 'none';
      throw new PlatformError(reason, `The call failed: ${error.why}.`, { retryable: true, outcome });
    }
  }
}
