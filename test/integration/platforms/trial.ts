import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { systemClock } from '../../../src/base/clock.ts';
import type { PlatformDriver } from '../../../src/platforms/driver.ts';
import { PlatformError } from '../../../src/platforms/errors.ts';
import { OwnedPlatform } from '../../../src/platforms/owned-platform.ts';
import type {
  ObservedStream,
  OwnedStream,
  Platform,
  ProvisionedStream,
  StreamId,
  StreamOwner,
  StreamRequest,
} from '../../../src/platforms/platform.ts';
import { streamName } from '../../../src/platforms/stream-name.ts';
import { eventually } from '../../support/wait/eventually.ts';
import type { RtmpsPublisher } from '../../support/ingest/rtmps-publisher.ts';
import type { PlatformUnderTest } from './platform-under-test.ts';

/** The work of one cluster with a platform under test: makes calls, waits, and records all results. */
export class Trial {
  readonly subject: PlatformUnderTest;
  readonly clusterId = `cluster-${randomUUID()}`;
  readonly platform: Platform;
  readonly #heard: unknown[] = [];
  readonly #owners = new Map<StreamId, StreamOwner>();
  readonly #keys = new Set<string>();
  readonly #publishers = new Set<RtmpsPublisher>();

  constructor(subject: PlatformUnderTest) {
    this.subject = subject;
    this.platform = this.another();
  }

  /** Another operator process, which knows nothing of the streams yet. */
  another(clusterId = this.clusterId, platform = 'first'): Platform {
    return asOperatorsUse(this.subject.open(clusterId, platform));
  }

  /** A stream that this trial created, on behalf of its owner; any other, on behalf of some channel. */
  owned(id: StreamId): OwnedStream {
    return { id, owner: this.#owners.get(id) ?? this.request().owner };
  }

  get patienceSeconds(): number {
    return this.subject.patienceSeconds ?? 60;
  }

  /** The request of a new channel. */
  request(options: Partial<StreamRequest> = {}, owner: Partial<StreamOwner> = {}): StreamRequest {
    const playback = { latency: 'standard', access: 'public', recording: 'off', ...options } as const;
    const whole: StreamOwner = {
      clusterId: this.clusterId,
      platform: 'first',
      channelUid: randomUUID(),
      channel: 'shop/auction',
      ...owner,
    };
    return { name: streamName(whole, playback), owner: whole, attempt: randomUUID(), ...playback };
  }

  async create(request = this.request(), platform = this.platform): Promise<ProvisionedStream> {
    const created = await platform.createStream(request, signal());
    this.#owners.set(created.id, request.owner);
    return this.note(created);
  }

  /** Records the result for `leaks`. */
  note(stream: ProvisionedStream): ProvisionedStream {
    this.#keys.add(stream.streamKey.reveal());
    this.#heard.push(stream);
    return stream;
  }

  /** The PlatformError of the call. */
  async failure(call: Promise<unknown>): Promise<PlatformError> {
    const error = await this.failureOf(call);
    if (error === undefined) throw new Error('it did not fail');
    return error;
  }

  /** The same, or undefined when the call succeeded. */
  async failureOf(call: Promise<unknown>): Promise<PlatformError | undefined> {
    try {
      await call;
      return undefined;
    } catch (error) {
      this.#heard.push(error);
      if (error instanceof PlatformError) return error;
      throw error;
    }
  }

  /** Polls until the probe succeeds, for as long as the platform's lists may be stale. */
  settled<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
    return eventually(what, this.platform.capabilities.settleSeconds + 5, probe);
  }

  /** The listed IDs, once `id` is among them. */
  listedWith(id: StreamId, platform = this.platform): Promise<readonly ObservedStream[]> {
    return this.settled(`${id} is listed`, async () => {
      const listed = await platform.listStreams(signal());
      return listed.some((stream) => stream.id === id) ? listed : undefined;
    });
  }

  /** Resolves once `id` is neither listed nor found by its name. */
  async notListed(id: StreamId, name: string): Promise<void> {
    await this.settled(`${id} is not listed`, async () => {
      const streams = [
        ...(await this.platform.listStreams(signal())),
        ...(await this.platform.findStreams(name, this.owned(id).owner, signal())),
      ];
      return streams.some((stream) => stream.id === id) ? undefined : true;
    });
  }

  until(what: string, id: StreamId, accept: (seen: ObservedStream) => boolean): Promise<ObservedStream> {
    return eventually(what, this.patienceSeconds, async () => {
      const seen = await this.platform.observeStream(this.owned(id), signal());
      return seen && accept(seen) ? seen : undefined;
    });
  }

  publish(stream: ProvisionedStream): RtmpsPublisher {
    const publisher = this.subject.publish(stream);
    this.#publishers.add(publisher);
    return publisher;
  }

  /** Publishes with retries, as a relay does; resolves once the platform reports the stream as live. */
  async onAir(stream: ProvisionedStream, platform = this.platform): Promise<RtmpsPublisher> {
    let publisher: RtmpsPublisher | undefined;
    await eventually(`${stream.id} is live`, this.patienceSeconds, async () => {
      if (publisher === undefined) {
        const started = this.publish(stream);
        publisher = started;
        void started.ended.then(() => {
          if (publisher === started) publisher = undefined;
        });
      }
      const seen = await platform.observeStream(this.owned(stream.id), signal());
      return seen?.live === true ? true : undefined;
    });
    if (publisher === undefined) throw new Error(`${stream.id} is reported as live, but has no publisher`);
    return publisher;
  }

  /** Deletes it, with as many calls as the platform requires. */
  async delete(id: StreamId): Promise<void> {
    await eventually(`${id} is gone`, this.patienceSeconds, async () =>
      (await this.platform.deleteStream(this.owned(id), signal())) ? true : undefined,
    );
  }

  /** Resolves once the publisher was disconnected, with FFmpeg's result, which must be a failure. */
  async cutOff(publisher: RtmpsPublisher): Promise<number | null> {
    let code: number | null | undefined;
    void publisher.ended.then((end) => (code = end.code));
    await eventually('the publisher is disconnected', this.patienceSeconds, () =>
      Promise.resolve(code === undefined ? undefined : true),
    );
    return code ?? null;
  }

  /** The secrets that are visible in the results, as a logger or a person would see them. */
  leaks(): readonly string[] {
    const text = this.#heard
      .map((one) => `${inspect(one, { depth: 12, showHidden: true })} ${JSON.stringify(one)}`)
      .join('\n');
    return [...this.subject.secrets, ...this.#keys].filter((secret) => text.includes(secret));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#publishers].map((publisher) => publisher.stop()));
  }
}

/** The driver as src/platforms/registry.ts opens it. */
export function asOperatorsUse(driver: PlatformDriver): Platform {
  return new OwnedPlatform(driver, systemClock);
}

/** Timeout of one call. */
export function signal(): AbortSignal {
  return AbortSignal.timeout(30_000);
}
